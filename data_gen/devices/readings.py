"""Heart-rate readings, some workouts at a time: good ones, odd ones, late ones and those that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.answer_key.heart_rate import HeartRateTruth
from data_gen.chain.days import Days
from data_gen.chain.parameters import FIRST_DEVICE_ID, FIRST_UNKNOWN_DEVICE_ID
from data_gen.devices.heart_rate import NO_VALUE, Readings, record, recorded
from data_gen.writing.ledger import DUPLICATE, FLAGGED, LATE, QUARANTINED, REJECTED, TOLERATED
from data_gen.writing.spoil import LATEST

if TYPE_CHECKING:
    from data_gen.chain.world import World

TABLE = "devices.bpm"
# kind: (values, what becomes of the reading)
_ODD_VALUES = {
    "heart_rate_zero": ((0,), FLAGGED),
    "heart_rate_negative": ((-1, -7), FLAGGED),
    "heart_rate_255": ((255,), FLAGGED),
    "heart_rate_null": ((NO_VALUE,), FLAGGED),
    "heart_rate_outside_limits": ((24, 241), FLAGGED),
    "heart_rate_at_limits": ((25, 240), TOLERATED),
}
_UNREADABLE = (
    ("broken_type", "device_id", '\\"abc\\"'),
    ("broken_type", "time", "1740400000.5"),
    ("broken_type", "heartrate", '\\"high\\"'),
    ("missing_key", "device_id", "null"),
    ("missing_key", "time", "null"),
)
# Recordings are made so many seconds at a time.
_SECONDS_AT_ONCE = 1_000_000
_STRANGERS_A_STRETCH = 1_000


@dataclass(frozen=True)
class Batch:
    """Readings with the day each arrives, and beside them unreadable copies with theirs."""

    readings: Readings
    day: np.ndarray
    unreadable: list[tuple[Readings, np.ndarray, str, str]]  # (good ones, days, the damaged field, what it holds)


class ReadingStretch:
    """Gives the readings of one stretch, batch by batch in the order in which workouts begin."""

    def __init__(self, world: World, days: Days, truth: HeartRateTruth | None):
        self.world, self.days, self.truth = world, days, truth
        self.defects = world.defects(TABLE, days)
        sessions = world.made(recorded, days)
        self.planned = int((sessions.stop - sessions.start).sum())
        part = np.cumsum(sessions.stop - sessions.start) // _SECONDS_AT_ONCE
        cuts = np.flatnonzero(np.diff(part)) + 1
        self._batches = [sessions.where(slice(a, b)) for a, b in zip([0, *cuts], [*cuts, len(sessions)], strict=True)]
        self._next = 0
        seconds = np.array([float((batch.stop - batch.start).sum()) for batch in self._batches])
        share = seconds / max(seconds.sum(), 1)
        kinds = [*_ODD_VALUES, "late_row", "exact_duplicate", "broken_type", "missing_key", "unregistered_device"]
        self._counts = {
            kind: self.defects.dice.multinomial(self.defects.count(kind, self.planned), share)
            for kind in kinds
            if self.planned
        }

    @property
    def next_day(self) -> int:
        """The first day on which a reading of the next batch may arrive; beyond all days when there is none."""
        if self._next >= len(self._batches) or not self.planned:
            return 2**31
        return int(self.world.chain.day_of(self._batches[self._next].start[0] - 60))

    def skip(self, day: int) -> None:
        """Leave out the batches whose workouts all end before `day`."""
        while not self.is_done and self.world.chain.day_of(self._batches[self._next].stop.max()) < day:
            self._next += 1

    @property
    def is_done(self) -> bool:
        """Whether all batches have been given."""
        return self.next_day == 2**31

    def batch(self) -> Batch:
        """The next batch."""
        number, chain = self._next, self.world.chain
        self._next += 1
        sessions = self._batches[number]
        dice = chain.dice(f"readings of {self.days.number}", number)
        ages = self.world.members.age_on(chain.date_of(sessions.date[0]))
        fresh = record(dice, self.world.members, ages, sessions)
        wanted = {kind: int(counts[number]) for kind, counts in self._counts.items()}
        free = _Free(dice, len(fresh))

        fresh = self._with_odd_values(fresh, free, wanted)
        if self.truth:
            self.truth.add(fresh)
        arrives, last_day = chain.day_of(fresh.time), chain.last_day
        unreadable = []
        for kind, column, value in _UNREADABLE:
            chosen = free.some(wanted[kind])
            good = fresh.where(chosen)
            unreadable.append((good, arrives[chosen], column, value))
            self._note(kind, REJECTED, good, arrives[chosen], column=column)
        late = free.some(wanted["late_row"])
        late = late[arrives[late] < last_day]
        arrives[late] = np.minimum(arrives[late] + dice.integers(1, LATEST + 1, len(late)), last_day)
        self._note("late_row", LATE, fresh.where(late), arrives[late])
        twice = free.some(wanted["exact_duplicate"])
        copies = fresh.where(twice)
        copies_arrive = np.minimum(arrives[twice] + dice.integers(0, 3, len(twice)) // 2, last_day)
        self._note("exact_duplicate", DUPLICATE, copies, copies_arrive)
        strange = self._of_nobody(number, fresh, wanted["unregistered_device"], dice)

        every = Readings.together([fresh, copies, strange])
        return Batch(every, np.concatenate([arrives, copies_arrive, chain.day_of(strange.time)]), unreadable)

    def _note(self, kind: str, caught_as: str, readings: Readings, days: np.ndarray, **why: str) -> None:
        keys = pa.table({"device_id": readings.device + FIRST_DEVICE_ID, "time": readings.time})
        self.defects.note(kind, caught_as, keys=keys, days=days, **why)

    def _with_odd_values(self, fresh: Readings, free: _Free, wanted: dict[str, int]) -> Readings:
        bpm = fresh.bpm.copy()
        for kind, (values, caught_as) in _ODD_VALUES.items():
            chosen = free.some(wanted[kind])
            bpm[chosen] = np.resize(np.array(values, np.int16), len(chosen))
            why = {"flag": "is_valid"} if caught_as == FLAGGED else {}
            self._note(kind, caught_as, fresh.where(chosen), self.world.chain.day_of(fresh.time[chosen]), **why)
        return Readings(fresh.device, fresh.time, bpm)

    def _of_nobody(self, number: int, fresh: Readings, count: int, dice: np.random.Generator) -> Readings:
        """A run of readings of a device that nobody ever registered; each batch has another."""
        first = int(fresh.time[dice.integers(len(fresh))])
        count = max(0, min(count, self.world.chain.end - first))
        stranger = FIRST_UNKNOWN_DEVICE_ID + self.days.number * _STRANGERS_A_STRETCH + number
        readings = Readings(
            np.full(count, stranger - FIRST_DEVICE_ID),
            first + np.arange(count),
            dice.integers(80, 150, count).astype(np.int16),
        )
        self._note(
            "unregistered_device", QUARANTINED, readings, self.world.chain.day_of(readings.time),
            rule="device_not_registered",
        )  # fmt: skip
        return readings


class _Free:
    """Draws readings without a defect; half of those left at most."""

    def __init__(self, dice: np.random.Generator, readings: int):
        self._dice, self._taken = dice, np.zeros(readings, bool)
        self._left = readings

    def some(self, count: int) -> np.ndarray:
        """Positions of `count` of them, in a random order, none of which is given again."""
        count = min(count, self._left // 2)
        found = np.zeros(0, np.int64)
        while len(found) < count:
            drawn = self._dice.integers(0, len(self._taken), 2 * (count - len(found)) + 8)
            drawn = drawn[np.sort(np.unique(drawn, return_index=True)[1])]
            drawn = drawn[~self._taken[drawn]][: count - len(found)]
            self._taken[drawn] = True
            found = np.concatenate([found, drawn])
        self._left -= count
        return found
