"""Heart rates as they must come out: how many readings a day, and those of each workout."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_gen.answer_key.truth_table import AsOf, Collected, Truth, date_column
from data_gen.answer_key.workouts import CompleteWorkouts
from data_gen.chain.parameters import DAY, Parameters
from data_gen.chain.people import Members
from data_gen.devices.heart_rate import Readings
from data_gen.devices.wearables import Devices, pair_key

if TYPE_CHECKING:
    from data_gen.chain.world import World

VALID_BPM = (25, 240)
MEASURES = ("readings", "valid", "in_complete_workouts")
PER_WORKOUT = "recorded_workouts"


class HeartRateTruth:
    """Adds up readings, and those of each complete workout: after its start, until and with its stop, by its owner."""

    def __init__(self, chain: Parameters, workouts: CompleteWorkouts, devices: Devices):
        self.chain, self.workouts, self.devices = chain, workouts, devices
        self._starts = pair_key(workouts.member, workouts.start)
        n = len(workouts.member)
        self.readings, self.valid = np.zeros(n, np.int64), np.zeros(n, np.int64)
        self.sum_bpm = np.zeros(n, np.int64)
        self.min_bpm, self.max_bpm = np.full(n, VALID_BPM[1] + 1), np.full(n, VALID_BPM[0] - 1)
        # By UTC day: readings, valid ones, those in complete workouts.
        self._by_day = np.zeros((chain.days, 3), np.int64)

    def add(self, readings: Readings) -> None:
        """Count readings that are kept once each."""
        is_valid = (readings.bpm >= VALID_BPM[0]) & (readings.bpm <= VALID_BPM[1])
        day = self.chain.day_of(readings.time)
        self._by_day[:, 0] += np.bincount(day, minlength=self.chain.days)
        self._by_day[:, 1] += np.bincount(day[is_valid], minlength=self.chain.days)
        if not len(self._starts) or not len(readings):
            return
        owner = self.devices.owner_at(readings.device, readings.time)
        began = np.searchsorted(self._starts, pair_key(owner, readings.time), side="left") - 1
        inside = (self.workouts.member[began] == owner) & (readings.time <= self.workouts.stop[began]) & (began >= 0)
        self._by_day[:, 2] += np.bincount(day[inside], minlength=self.chain.days)
        n = len(self.readings)
        self.readings += np.bincount(began[inside], minlength=n)
        counted = inside & is_valid
        workout, bpm = began[counted], readings.bpm[counted].astype(np.int64)
        self.valid += np.bincount(workout, minlength=n)
        self.sum_bpm += np.bincount(workout, weights=bpm, minlength=n).astype(np.int64)
        np.minimum.at(self.min_bpm, workout, bpm)
        np.maximum.at(self.max_bpm, workout, bpm)

    def per_day(self) -> pa.Table:
        """Readings by UTC date."""
        day = np.flatnonzero(self._by_day[:, 0])
        counts = dict(zip(MEASURES, self._by_day[day].T, strict=True))
        return pa.table({"date": date_column(self.chain, day), **counts})

    def per_workout(self, members: Members) -> pa.Table:
        """One row per complete workout with a reading; min, max and mean of the valid ones (null without any)."""
        at = np.flatnonzero(self.readings)
        none = self.valid[at] == 0
        of = self.workouts
        return pa.table(
            {
                "user_id": members.user_id[of.member[at]],
                "workout_id": of.workout_id[at],
                "session_id": of.session_id[at],
                "start": of.start[at],
                "stop": of.stop[at],
                "readings": self.readings[at],
                "valid_readings": self.valid[at],
                "sum_bpm": self.sum_bpm[at],
                "min_bpm": pa.array(self.min_bpm[at], mask=none),
                "max_bpm": pa.array(self.max_bpm[at], mask=none),
            }
        )


def recorded_workouts(world: World, collected: dict[str, pa.Table], as_of: date) -> pa.Table:
    """The workouts with a reading that began until the end of `as_of` (UTC)."""
    end = world.chain.begin + (world.chain.day_index(as_of) + 1) * DAY
    table = collected[_ALL_WORKOUTS]
    return table.filter(pc.less(table["start"], end)).sort_by([("start", "ascending"), ("user_id", "ascending")])


_ALL_WORKOUTS = "all recorded workouts"
# Both come from the writer of the readings, who makes each but once.
TRUTH = Truth("heart_rate", ("date",), MEASURES, None)
ALL_WORKOUTS = Collected(_ALL_WORKOUTS, None)
AS_OF = AsOf(PER_WORKOUT, recorded_workouts)
