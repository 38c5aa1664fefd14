"""Stays as they must come out of the turnstiles' exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.access.gym_logins import NO_LOGOUT, Logins, exports, stays
from data_gen.answer_key.truth_table import Truth, date_column
from data_gen.answer_key.workouts import CompleteWorkouts, complete_workouts
from data_gen.chain.clock import local_day
from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, GYMS
from data_gen.devices.wearables import Devices, pair_key

if TYPE_CHECKING:
    from data_gen.chain.world import World

OPEN_STAY_SECONDS = 6 * 3600
MEASURES = ("stays", "open_stays", "stays_of_guests", "gym_summary_rows", "across_a_clock_change")


def pieces(world: World, days: Days) -> pa.Table:
    """Stays by the gym's own date; by the UTC date where no list of gyms names it."""
    found = stays(world.made(exports, days).counted)
    zones = {gym.number: gym.zone for gym in GYMS}
    day = np.zeros(len(found), np.int64)
    for number in np.unique(found.gym):
        here = found.gym == number
        day[here] = local_day(found.login[here], zones.get(int(number), "UTC"))
    visits = world.visits(days)
    moved = pair_key(visits.device, visits.login)[visits.is_clock_change]
    return pa.table(
        {
            "business_date": date_column(world.chain, day - world.chain.begin // DAY),
            "gym": found.gym,
            "stays": np.ones(len(found), np.int64),
            "open_stays": (found.logout == NO_LOGOUT).astype(np.int64),
            "stays_of_guests": (found.mac >= world.devices.count).astype(np.int64),
            "gym_summary_rows": _summary_rows(found, world.devices, world.made(complete_workouts, days)),
            "across_a_clock_change": np.isin(pair_key(found.mac, found.login), moved).astype(np.int64),
        }
    )


def _summary_rows(found: Logins, devices: Devices, workouts: CompleteWorkouts) -> np.ndarray:
    """For each stay how many complete workouts of the device's owner begin within it.

    An open stay ends with the device's next login, or six hours after its own.
    """
    rows = np.zeros(len(found), np.int64)
    is_known = found.mac < devices.count
    known = found.where(is_known)
    owner = devices.owner_at(known.mac, known.login)
    next_login = np.r_[known.login[1:], 0]
    is_last = np.diff(known.mac, append=-1) != 0
    open_until = known.login + OPEN_STAY_SECONDS
    open_until = np.where(is_last, open_until, np.minimum(open_until, next_login - 1))
    until = np.where(known.logout == NO_LOGOUT, open_until, known.logout)
    starts = pair_key(workouts.member, workouts.start)
    first = np.searchsorted(starts, pair_key(owner, known.login), side="left")
    behind = np.searchsorted(starts, pair_key(owner, until), side="right")
    rows[is_known] = np.maximum(behind - first, 0)
    return rows


TRUTH = Truth("stays", ("business_date", "gym"), MEASURES, pieces)
