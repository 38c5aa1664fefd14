"""The multiplex topic: records of all kinds in one stream, in the order in which they arrive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, Parameters
from data_gen.writing.defects import Defects
from data_gen.writing.file_shapes import TOPIC
from data_gen.writing.ledger import REJECTED
from data_gen.writing.rows import Rows, joined
from data_gen.writing.stream import Stream

# Offsets of a day begin here; a day has fewer lines, so that its offsets need no other day's.
OFFSETS_A_DAY = 1_000_000_000
BPM = "devices.bpm"
# Inner JSON cut off in the middle, inside a sound envelope: (topic, table, value).
_CUT_VALUES = (
    ("user_info", "crm.profile_changes", '{\\"user_id\\": 100001, \\"upd'),
    ("workout", "devices.workouts", '{\\"user_id\\": 100001, \\"workout_id\\": 1, \\"times'),
    ("bpm", BPM, '{\\"device_id\\": 5000001, \\"time\\": 17404'),
)
_CUT_LINES = (
    '{"key":"5000001","value":"{\\"device_id\\": 5000001, \\"ti',
    '{"key":"100001","value":{"user_id": 100001, "topic":',
    "-- connection reset by broker --",
)


@dataclass(frozen=True)
class Lines:
    """Lines without their ends: what stands before and behind the offset (null: a line without one).

    `day` and `order` say when each arrives, `table` (a position in `tables`) what it tells of.
    """

    before: pa.Array
    behind: pa.Array
    day: np.ndarray
    order: np.ndarray
    table: np.ndarray

    def __len__(self) -> int:
        return len(self.day)

    def take(self, positions: np.ndarray) -> Lines:
        """The lines at these positions."""
        at = pa.array(positions)
        return Lines(
            self.before.take(at), self.behind.take(at), self.day[positions], self.order[positions],
            self.table[positions],
        )  # fmt: skip

    @classmethod
    def together(cls, several: list[Lines]) -> Lines:
        """All lines of `several`, in that order."""
        return cls(
            pa.concat_arrays([pa.array([], pa.string()), *(lines.before for lines in several)]),
            pa.concat_arrays([pa.array([], pa.string()), *(lines.behind for lines in several)]),
            *(
                np.concatenate([np.zeros(0, np.int64), *(getattr(lines, name) for lines in several)])
                for name in ("day", "order", "table")
            ),
        )


def topic_lines(stream: Stream, rows: Rows, table: int) -> Lines:
    """The lines of one table's records."""
    text = rows.text
    before = joined(
        '{"key":"',
        text["_key"],
        '","value":"',
        stream.values(text),
        f'","topic":"{stream.topic}","partition":0,"offset":',
    )
    behind = joined(',"timestamp":', text["_timestamp"], "}")
    return Lines(before, behind, rows.day.astype(np.int64), rows.order, np.full(len(rows), table))


def noise(chain: Parameters, days: Days, lines: int, defects: Defects, tables: list[str]) -> Lines:
    """Lines that nobody can read, for a stretch of `lines` lines; `tables` are those that lines can tell of."""
    made: list[tuple[str, str, str, dict]] = []
    for at in range(defects.count("malformed_line", lines)):
        made.append(("malformed_line", TOPIC, _CUT_LINES[at % len(_CUT_LINES)], {}))
    for topic, table, value in _CUT_VALUES:
        cut = _envelope(value, topic, chain.begin)
        made += [("malformed_payload", table, cut, {})] * defects.count("malformed_payload", lines)
    strange = _envelope('{\\"firmware\\": 3}', "diagnostics", chain.begin)
    made += [("unknown_topic", TOPIC, strange, {"topic": "diagnostics"})] * defects.count("unknown_topic", lines)

    at = chain.begin + defects.dice.integers(days.first * DAY, days.behind * DAY, len(made))
    day = chain.day_of(at).astype(np.int64)
    for (kind, table, _, why), arrives in zip(made, day, strict=True):
        defects.note(kind, REJECTED, table=table, days=[arrives], **why)
    return Lines(
        pa.array([line for _, _, line, _ in made], pa.string()),
        pa.nulls(len(made), pa.string()),
        day,
        at,
        np.array([tables.index(table) for _, table, _, _ in made], np.int64),
    )


def _envelope(value: str, topic: str, timestamp: int) -> str:
    return f'{{"key":"1","value":"{value}","topic":"{topic}","partition":1,"offset":0,"timestamp":{timestamp}}}'
