"""Draws a log of profile changes, and writes it as the CRM's exports: one file a day of arrival."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from data_gen.crm.profiles import DELETE, NEW, TYPES, UPDATE, values
from data_gen.writing.rows import joined, whole

DAY = 86_400
START = date(2024, 1, 1)
FIRST_USER_ID = 100_001
# Shares of all events. A burst is a change minutes after another of the same member, as when a form is saved in steps.
LATE, REPEATED, DELETES, BURSTS, BACKWARDS = 0.03, 0.02, 0.01, 0.3, 0.005
CITIES = pa.array(["Albany", "Boise", "Chico", "Dover", "Erie", "Flint"])


@dataclass(frozen=True)
class Log:
    """One element an event as it is sent, repeats too.

    member: position from 0. sequence: the CRM's running number, in the true order, from 1. happened: the moment in
    epoch seconds. timestamp: the same, but set back for events that a slow clock stamped. kind: NEW, UPDATE or DELETE.
    arrives: the day from 0 in whose file it comes. is_repeat: sent before.
    """

    days: int
    member: np.ndarray
    sequence: np.ndarray
    happened: np.ndarray
    timestamp: np.ndarray
    kind: np.ndarray
    arrives: np.ndarray
    is_repeat: np.ndarray

    def counts(self) -> dict[str, int]:
        """How much of what is in it; lateness and deletes of events, each counted once."""
        once = ~self.is_repeat
        return {
            "events": int(once.sum()),
            "members": len(np.unique(self.member)),
            "late": int((self.arrives > (self.happened - begin()) // DAY)[once].sum()),
            "repeated": int(self.is_repeat.sum()),
            "deletes": int((self.kind == DELETE)[once].sum()),
            "days": self.days,
        }


def begin() -> int:
    """First second of the first day."""
    return int(datetime(START.year, START.month, START.day, tzinfo=UTC).timestamp())


def draw_log(events: int, members: int, days: int, seed: int = 1) -> Log:
    """A log of so many `events` over so many `days`; each of the `members` has at least one."""
    dice = np.random.default_rng(seed)
    member = np.r_[np.arange(members), dice.integers(0, members, events - members)]
    happened = begin() + dice.integers(0, days * DAY, events)
    bursts = dice.permutation(np.arange(members, events))[: round(BURSTS * events)]
    root = dice.integers(0, members, len(bursts))
    member[bursts], happened[bursts] = root, happened[root] + dice.integers(0, 900, len(bursts))
    happened = np.minimum(happened, begin() + days * DAY - 1)

    order = np.lexsort((member, happened))
    member, happened = member[order], happened[order]
    kind = _kinds(dice, member)
    slow = dice.random(events) < BACKWARDS
    timestamp = happened - slow * dice.integers(1, 3600, events)

    day = (happened - begin()) // DAY
    arrives = day.copy()
    can_wait = dice.permutation(np.flatnonzero(day < days - 1))[: round(LATE * events)]
    arrives[can_wait] = np.minimum(day[can_wait] + dice.geometric(0.2, len(can_wait)), days - 1)
    again = dice.permutation(events)[: round(REPEATED * events)]
    sent = np.r_[np.arange(events), again]
    arrives = np.r_[arrives, np.minimum(arrives[again] + dice.integers(0, 5, len(again)), days - 1)]
    is_repeat = np.r_[np.zeros(events, bool), np.ones(len(again), bool)]
    return Log(days, member[sent], sent + 1, happened[sent], timestamp[sent], kind[sent], arrives, is_repeat)


def _kinds(dice: np.random.Generator, member: np.ndarray) -> np.ndarray:
    """A member's first event is new; some later ones delete, and what follows a deletion is new again."""
    by_member = np.argsort(member, kind="stable")
    is_first = np.r_[True, np.diff(member[by_member]) != 0]
    kind = np.where(is_first, NEW, UPDATE)
    # A first event deletes nothing, so the others do it a little more often.
    deletes = (dice.random(len(kind)) < DELETES / (1 - is_first.mean())) & ~is_first
    follows = np.r_[False, deletes[:-1]] & ~is_first & ~deletes
    kind[follows], kind[deletes] = NEW, DELETE
    found = np.empty_like(kind)
    found[by_member] = kind
    return found


def write_log(log: Log, folder: Path) -> list[Path]:
    """Write the files to the new `folder`, each in any order of rows; returns them day by day."""
    folder.mkdir(parents=True)
    lines = _lines(log)
    dice = np.random.default_rng(2)
    paths = []
    for day in range(log.days):
        rows = dice.permutation(np.flatnonzero(log.arrives == day))
        path = folder / f"user_info_{START + timedelta(days=day)}.jsonl"
        path.write_text("".join(line + "\n" for line in lines.take(pa.array(rows)).to_pylist()))
        paths.append(path)
    return paths


def _lines(log: Log) -> pa.Array:
    count = len(log.member)
    offset = np.argsort(np.argsort(log.arrives, kind="stable"))
    user = whole(log.member + FIRST_USER_ID)
    text = pa.table(
        {
            "user_id": user,
            "update_type": joined('"', pa.array(TYPES).take(pa.array(log.kind)), '"'),
            "timestamp": whole(log.timestamp),
            "sequence": whole(log.sequence),
            "dob": pa.repeat(pa.scalar('"05/17/1980"'), count),
            "sex": pa.repeat(pa.scalar('"F"'), count),
            "gender": pa.repeat(pa.scalar('"F"'), count),
            "first_name": pa.repeat(pa.scalar('"Ann"'), count),
            "last_name": joined('"Name ', whole(log.member), '"'),
            # No two events say the same, so that what is recovered can be told from what is not.
            "street_address": joined('"', whole(log.sequence), ' Main Street"'),
            "city": joined('"', CITIES.take(pa.array(log.sequence % len(CITIES))), '"'),
            "state": pa.repeat(pa.scalar('"NV"'), count),
            "zip": pa.repeat(pa.scalar('"89001"'), count),
        }
    )
    return joined(
        '{"key":"', user, '","value":"', values(text), '","topic":"user_info","partition":0,"offset":', whole(offset),
        ',"timestamp":', text["timestamp"], "}",
    )  # fmt: skip
