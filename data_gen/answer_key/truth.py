"""What is true of the chain, worked out from what was generated: the figures that the marts must show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data_gen.chain.parameters import GYMS
from data_gen.chain.clock import local_day
from data_gen.devices.wearables import Devices, pair_key
from data_gen.devices.heart_rate import Readings
from data_gen.access.gym_logins import NO_LOGOUT, Logins
from data_gen.chain.people import PLACES, Members
from data_gen.crm.profiles import DELETE, Changes
from data_gen.devices.workouts import Events, Pairing

VALID_BPM = (25, 240)
OPEN_STAY_SECONDS = 6 * 3600


@dataclass(frozen=True)
class CompleteWorkouts:
    """One element a complete session, ordered by member (a position) and start."""

    member: np.ndarray
    workout_id: np.ndarray
    session_id: np.ndarray
    start: np.ndarray
    stop: np.ndarray


def complete_workouts(events: Events, pairing: Pairing, members: Members) -> CompleteWorkouts:
    """The complete sessions among the members' events."""
    starts, stops = events.where(pairing.complete[:, 0]), events.where(pairing.complete[:, 1])
    member = starts.user_id - members.user_id[0]
    order = np.lexsort((starts.timestamp, member))
    return CompleteWorkouts(
        member[order],
        starts.workout_id[order],
        starts.session_id[order],
        starts.timestamp[order],
        stops.timestamp[order],
    )


class HeartRateTruth:
    """Adds up readings, and those of each complete workout: after its start, until and with its stop, by its owner."""

    def __init__(self, workouts: CompleteWorkouts, devices: Devices):
        self.workouts, self.devices = workouts, devices
        self._starts = pair_key(workouts.member, workouts.start)
        n = len(workouts.member)
        self.readings, self.valid = np.zeros(n, np.int64), np.zeros(n, np.int64)
        self.sum_bpm = np.zeros(n, np.int64)
        self.min_bpm, self.max_bpm = np.full(n, VALID_BPM[1] + 1), np.full(n, VALID_BPM[0] - 1)
        self.count, self.valid_count, self.in_workout = 0, 0, 0

    def add(self, readings: Readings) -> None:
        """Count readings that are kept once each."""
        is_valid = (readings.bpm >= VALID_BPM[0]) & (readings.bpm <= VALID_BPM[1])
        self.count += len(readings)
        self.valid_count += int(is_valid.sum())
        if not len(self._starts) or not len(readings):
            return
        owner = self.devices.owner_at(readings.device, readings.time)
        began = np.searchsorted(self._starts, pair_key(owner, readings.time), side="left") - 1
        inside = (self.workouts.member[began] == owner) & (readings.time <= self.workouts.stop[began]) & (began >= 0)
        self.in_workout += int(inside.sum())
        n = len(self.readings)
        self.readings += np.bincount(began[inside], minlength=n)
        counted = inside & is_valid
        workout, bpm = began[counted], readings.bpm[counted].astype(np.int64)
        self.valid += np.bincount(workout, minlength=n)
        self.sum_bpm += np.bincount(workout, weights=bpm, minlength=n).astype(np.int64)
        np.minimum.at(self.min_bpm, workout, bpm)
        np.maximum.at(self.max_bpm, workout, bpm)

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


def gym_summary_rows(stays: Logins, devices: Devices, workouts: CompleteWorkouts) -> int:
    """How many (stay, complete workout of the device's owner begun within it) there are.

    An open stay ends with the device's next login, or six hours after its own.
    """
    known = stays.where(np.flatnonzero(stays.mac < devices.count))
    owner = devices.owner_at(known.mac, known.login)
    next_login = np.r_[known.login[1:], 0]
    is_last = np.r_[known.mac[1:] != known.mac[:-1], True] if len(known) else np.zeros(0, bool)
    open_until = known.login + OPEN_STAY_SECONDS
    open_until = np.where(is_last, open_until, np.minimum(open_until, next_login - 1))
    until = np.where(known.logout == NO_LOGOUT, open_until, known.logout)
    starts = pair_key(workouts.member, workouts.start)
    first = np.searchsorted(starts, pair_key(owner, known.login), side="left")
    behind = np.searchsorted(starts, pair_key(owner, until), side="right")
    return int(np.maximum(behind - first, 0).sum())


def stays_per_day(stays: Logins) -> pa.Table:
    """(gym, business_date, stays, open_stays): dates are the gym's own; UTC where no list of gyms names it."""
    zones = {gym.number: gym.zone for gym in GYMS}
    day = np.zeros(len(stays), np.int64)
    for number in np.unique(stays.gym):
        here = stays.gym == number
        day[here] = local_day(stays.login[here], zones.get(int(number), "UTC"))
    table = pa.table(
        {
            "gym": stays.gym,
            "business_date": pa.array(day.astype(np.int32)).cast(pa.date32()),
            "stays": np.ones(len(stays), np.int64),
            "open_stays": (stays.logout == NO_LOGOUT).astype(np.int64),
        }
    )
    grouped = table.group_by(["gym", "business_date"]).aggregate([("stays", "sum"), ("open_stays", "sum")])
    grouped = grouped.rename_columns(["gym", "business_date", "stays", "open_stays"])
    return grouped.sort_by([("gym", "ascending"), ("business_date", "ascending")])


def member_states(members: Members, changes: Changes) -> pa.Table:
    """One row per member: the state in which the log leaves them and how many versions it makes.

    A version is a `new` or `update`; those followed by another in the same second lasted no time at all.
    """
    n = len(members)
    last = np.zeros(n, np.int64)
    last[changes.member] = np.arange(len(changes.member))  # The CRM's order: the last assignment wins.
    kept = changes.type != DELETE
    order = np.argsort(changes.member, kind="stable")
    by_member, at = changes.member[order], changes.timestamp[order]
    no_time = by_member[:-1][(by_member[1:] == by_member[:-1]) & (at[1:] == at[:-1]) & kept[order][:-1]]
    return pa.table(
        {
            "user_id": members.user_id,
            "is_deleted": changes.type[last] == DELETE,
            "city": pa.array([place[0] for place in PLACES]).take(pa.array(changes.place[last])),
            "state": pa.array([place[1] for place in PLACES]).take(pa.array(changes.place[last])),
            "versions": np.bincount(changes.member[kept], minlength=n),
            "versions_of_no_time": np.bincount(no_time, minlength=n),
        }
    )


def workout_truth(events: Events, pairing: Pairing, workouts: CompleteWorkouts) -> dict:
    """Counts of complete and incomplete workouts, and the complete ones' seconds."""
    return {
        "complete": len(pairing.complete),
        "complete_seconds": int((workouts.stop - workouts.start).sum()),
        "incomplete": {
            "no_start": len(pairing.no_start),
            "no_stop": len(pairing.no_stop),
            "too_long": len(pairing.too_long),
        },
        "events": len(events),
    }


def stay_truth(stays: Logins, devices: Devices, workouts: CompleteWorkouts) -> dict:
    """Counts of stays, and each gym's and day's."""
    per_day = stays_per_day(stays)
    return {
        "stays": len(stays),
        "open_stays": int((stays.logout == NO_LOGOUT).sum()),
        "stays_of_guests": int((stays.mac >= devices.count).sum()),
        "gym_summary_rows": gym_summary_rows(stays, devices, workouts),
        "per_gym_and_day": [row | {"business_date": row["business_date"].isoformat()} for row in per_day.to_pylist()],
    }
