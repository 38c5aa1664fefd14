"""The multiplex topic: records of all kinds in one stream, in the order in which they arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data_gen.chain.parameters import Parameters
from data_gen.devices.heart_rate import Readings
from data_gen.writing.ledger import REJECTED, Ledger
from data_gen.devices.readings import tokens
from data_gen.writing.rows import Rows, joined, whole

LINES_AT_ONCE = 250_000
TOPICS = {"user_info": "crm.profile_changes", "workout": "devices.workouts", "bpm": "devices.bpm"}
ANY = "devices.multiplex"
# Inner JSON cut off in the middle, inside a sound envelope.
_CUT_VALUES = {
    "user_info": '{\\"user_id\\": 100001, \\"upd',
    "workout": '{\\"user_id\\": 100001, \\"workout_id\\": 1, \\"times',
    "bpm": '{\\"device_id\\": 500001, \\"time\\": 17404',
}
_CUT_LINES = (
    '{"key":"500001","value":"{\\"device_id\\": 500001, \\"ti',
    '{"key":"100001","value":{"user_id": 100001, "topic":',
    "-- connection reset by broker --",
)


@dataclass(frozen=True)
class Lines:
    """Finished lines without their ends, the day each arrives and its order within that day."""

    text: pa.Array
    day: np.ndarray
    order: np.ndarray

    def on(self, day: int) -> Lines:
        """The lines of one day."""
        at = np.flatnonzero(self.day == day)
        return Lines(self.text.take(pa.array(at)), self.day[at], self.order[at])

    @classmethod
    def together(cls, *several: Lines) -> Lines:
        """All lines of `several`, in that order."""
        return cls(
            pa.concat_arrays([lines.text for lines in several]),
            np.concatenate([lines.day for lines in several]),
            np.concatenate([lines.order for lines in several]),
        )


def topic_lines(topic: str, rows: Rows, values: Callable[[pa.Table], pa.Array]) -> Lines:
    """The lines of one topic's records; offsets count them as they arrive."""
    rows = rows.arranged()
    text = rows.text
    offset = whole(np.arange(1, len(rows) + 1))
    lines = joined(
        '{"key":"', text["_key"], '","value":"', values(text), f'","topic":"{topic}","partition":0,"offset":',
        offset, ',"timestamp":', text["_timestamp"], "}",
    )  # fmt: skip
    return Lines(lines, rows.day, rows.order)


def noise(chain: Parameters, lines: int, ledger: Ledger) -> tuple[Lines, dict[str, int]]:
    """Lines that nobody can read, for a stream of about `lines`; and how many of them name each topic."""
    dice, plan = chain.dice("noise"), chain.defects
    made: list[tuple[str, str, str, dict]] = []
    for at in range(plan.count("malformed_line", lines)):
        made.append(("malformed_line", ANY, _CUT_LINES[at % len(_CUT_LINES)], {}))
    for topic, table in TOPICS.items():
        cut = _envelope(_CUT_VALUES[topic], topic, chain.begin)
        made += [("malformed_payload", table, cut, {})] * plan.count("malformed_payload", lines)
    strange = _envelope('{\\"firmware\\": 3}', "diagnostics", chain.begin)
    made += [("unknown_topic", ANY, strange, {"topic": "diagnostics"})] * plan.count("unknown_topic", lines)

    at = np.sort(dice.integers(chain.begin, chain.end, len(made)))
    at = dice.permutation(at)
    day = chain.day_of(at)
    for (kind, table, _, why), arrives in zip(made, day, strict=True):
        ledger.add(kind, table, REJECTED, count=1, days=[arrives], **why)
    named = {table: sum(table == of for _, of, _, _ in made) for table in TOPICS.values()}
    return Lines(pa.array([line for _, _, line, _ in made], pa.string()), day, at), named


def _envelope(value: str, topic: str, timestamp: int) -> str:
    return f'{{"key":"1","value":"{value}","topic":"{topic}","partition":1,"offset":0,"timestamp":{timestamp}}}'


def stream(
    readings: Readings, unreadable: pa.Table, others: Lines, first_offset: int, end_of_line: str
) -> Iterator[pa.Array]:
    """One day's stream as arrays of lines with their ends, mixed in the order of arrival.

    `others` are the lines of that day that are no readings. Offsets of readings count on from `first_offset`.
    """
    n_good, n_bpm = len(readings), len(readings) + unreadable.num_rows
    order = np.concatenate([readings.time, unreadable["order"].to_numpy(), others.order])
    arrival = np.argsort(order, kind="stable")
    is_bpm = arrival < n_bpm
    offset = np.zeros(len(order), np.int64)
    offset[arrival[is_bpm]] = first_offset + np.arange(n_bpm)
    rest = pa.concat_arrays([_bpm_lines(unreadable, offset[n_good:n_bpm], ""), others.text])
    for begin in range(0, len(arrival), LINES_AT_ONCE):
        piece = arrival[begin : begin + LINES_AT_ONCE]
        good = piece[piece < n_good]
        lines = _bpm_lines(tokens(readings.where(good)), offset[good], end_of_line)
        other = piece[piece >= n_good]
        if len(other):
            ended = joined(rest.take(pa.array(other - n_good)), end_of_line)
            place = np.empty(len(piece), np.int64)
            place[piece < n_good] = np.arange(len(good))
            place[piece >= n_good] = len(good) + np.arange(len(other))
            lines = pa.concat_arrays([lines, ended]).take(pa.array(place))
        yield lines


def _bpm_lines(text: pa.Table, offset: np.ndarray, end_of_line: str) -> pa.Array:
    return joined(
        '{"key":"', text["_key"], '","value":"{\\"device_id\\": ', text["device_id"], ', \\"time\\": ', text["time"],
        ', \\"heartrate\\": ', text["heartrate"], '}","topic":"bpm","partition":0,"offset":', whole(offset),
        ',"timestamp":', text["_timestamp"], "}" + end_of_line,
    )  # fmt: skip
