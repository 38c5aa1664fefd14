"""The stream of heart-rate readings, day by day: good ones, odd ones, late ones and those that cannot be read."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa

from data_gen.chain.parameters import DAY, FIRST_DEVICE_ID, FIRST_UNKNOWN_DEVICE_ID, Parameters
from data_gen.devices.wearables import Devices
from data_gen.devices.heart_rate import NO_VALUE, Readings, record
from data_gen.writing.ledger import DUPLICATE, FLAGGED, LATE, QUARANTINED, REJECTED, TOLERATED, Ledger
from data_gen.chain.people import Members
from data_gen.writing.rows import joined, whole
from data_gen.answer_key.truth import HeartRateTruth
from data_gen.devices.workouts import Sessions

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
_LEAST_VALUE = -10
_VALUES = pa.array([f"{bpm}.0" for bpm in range(_LEAST_VALUE, NO_VALUE)] + ["null"])
_SOMETIMES_FLOAT = 3  # Every third device writes its times as floats.


class ReadingStream:
    """Gives the readings to write for each day in turn, and tells `truth` those that count."""

    def __init__(
        self,
        chain: Parameters,
        members: Members,
        devices: Devices,
        recorded: Sessions,
        ledger: Ledger,
        truth: HeartRateTruth,
    ):
        self.chain, self.members, self.devices = chain, members, devices
        self.recorded, self.ledger, self.truth = recorded, ledger, truth
        self._day_of_session = chain.day_of(recorded.start - 60)
        self._waiting: dict[int, list[Readings]] = defaultdict(list)
        seconds = np.bincount(self._day_of_session, weights=recorded.stop - recorded.start, minlength=chain.days)
        self.planned = int(seconds.sum())
        share = seconds / seconds.sum() if self.planned else np.full(chain.days, 1 / chain.days)
        kinds = [*_ODD_VALUES, "late_row", "exact_duplicate", "broken_type", "missing_key", "unregistered_device"]
        dice = chain.dice("reading defects")
        self._counts = {kind: dice.multinomial(chain.defects.count(kind, self.planned), share) for kind in kinds}

    def day(self, day: int) -> tuple[Readings, pa.Table]:
        """The readings that arrive on `day`, and beside them unreadable ones as text (with `order`)."""
        dice = self.chain.dice("readings", day)
        sessions = self.recorded.where(np.flatnonzero(self._day_of_session == day))
        ages = self.members.age_on(self.chain.date_of(day))
        fresh = record(dice, self.members, ages, sessions)
        wanted = {kind: int(counts[day]) for kind, counts in self._counts.items()}
        free = dice.permutation(len(fresh)) if sum(wanted.values()) else np.zeros(0, np.int64)

        def some(count: int) -> np.ndarray:
            nonlocal free
            chosen, free = np.split(free, [min(count, len(free) // 2)])
            return chosen

        fresh = self._with_odd_values(day, fresh, some, wanted)
        self.truth.add(fresh)
        unreadable = self._unreadable(day, fresh, some, wanted)
        arrives = self.chain.day_of(fresh.time)
        can_be_late = some(wanted["late_row"] if day < self.chain.last_day else 0)
        late = can_be_late[arrives[can_be_late] < self.chain.last_day]
        arrives[late] = np.minimum(arrives[late] + dice.integers(1, 4, len(late)), self.chain.last_day)
        self._note("late_row", LATE, fresh.where(late), arrives[late])
        twice = some(wanted["exact_duplicate"])
        copies = fresh.where(twice)
        copies_arrive = np.minimum(arrives[twice] + dice.integers(0, 3, len(twice)) // 2, self.chain.last_day)
        self._note("exact_duplicate", DUPLICATE, copies, copies_arrive)
        strange = self._of_nobody(day, fresh, wanted["unregistered_device"], dice)

        every = Readings.together([fresh, copies, strange])
        arrives = np.concatenate([arrives, copies_arrive, self.chain.day_of(strange.time)])
        for later in np.unique(arrives[arrives > day]):
            self._waiting[int(later)].append(every.where(arrives == later))
        return Readings.together([every.where(arrives == day), *self._waiting.pop(day, [])]), unreadable

    def _note(self, kind: str, caught_as: str, readings: Readings, days: np.ndarray, **why: str) -> None:
        keys = pa.table({"device_id": readings.device + FIRST_DEVICE_ID, "time": readings.time})
        self.ledger.add(kind, TABLE, caught_as, keys=keys, days=days, **why)

    def _with_odd_values(self, day: int, fresh: Readings, some, wanted: dict[str, int]) -> Readings:
        bpm = fresh.bpm.copy()
        for kind, (values, caught_as) in _ODD_VALUES.items():
            chosen = some(wanted[kind])
            bpm[chosen] = np.resize(np.array(values, np.int16), len(chosen))
            why = {"flag": "is_valid"} if caught_as == FLAGGED else {}
            self._note(kind, caught_as, fresh.where(chosen), self.chain.day_of(fresh.time[chosen]), **why)
        return Readings(fresh.device, fresh.time, bpm)

    def _unreadable(self, day: int, fresh: Readings, some, wanted: dict[str, int]) -> pa.Table:
        """Damaged copies of good readings."""
        tables = []
        for kind, column, value in _UNREADABLE:
            good = fresh.where(some(wanted[kind]))
            good = good.where(self.chain.day_of(good.time) == day)
            text = tokens(good).append_column("order", pa.array(good.time))
            at = text.column_names.index(column)
            tables.append(text.set_column(at, column, pa.repeat(pa.scalar(value), len(good))))
            self._note(kind, REJECTED, good, np.full(len(good), day), column=column)
        return pa.concat_tables(tables)

    def _of_nobody(self, day: int, fresh: Readings, count: int, dice: np.random.Generator) -> Readings:
        """A run of readings of a device that nobody ever registered."""
        if not len(fresh):
            return fresh
        first = int(fresh.time[dice.integers(len(fresh))])
        count = min(count, self.chain.begin + (day + 1) * DAY - first)
        device = np.full(max(count, 0), FIRST_UNKNOWN_DEVICE_ID - FIRST_DEVICE_ID + day)
        readings = Readings(
            device, first + np.arange(len(device)), dice.integers(80, 150, len(device)).astype(np.int16)
        )
        self._note(
            "unregistered_device", QUARANTINED, readings, np.full(len(device), day), rule="device_not_registered"
        )
        return readings


def tokens(readings: Readings) -> pa.Table:
    """The readings' JSON values as text, and their times as text without fraction."""
    time = whole(readings.time)
    device = whole(readings.device + FIRST_DEVICE_ID)
    return pa.table(
        {
            "device_id": device,
            "time": joined(time, pa.array(["", ".0"]).take(_writes_floats(readings.device))),
            "heartrate": _VALUES.take(pa.array(readings.bpm.astype(np.int64) - _LEAST_VALUE)),
            "_key": device,
            "_timestamp": time,
        }
    )


def _writes_floats(device: np.ndarray) -> pa.Array:
    return pa.array((device % _SOMETIMES_FLOAT == 0).astype(np.int64))
