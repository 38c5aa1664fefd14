"""Workouts as they must come out: complete sessions, and those that lack a start, a stop or end too late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.answer_key.truth_table import Truth, date_column
from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY
from data_gen.devices.workout_events import sent
from data_gen.devices.workouts import Pairing, pair

if TYPE_CHECKING:
    from data_gen.chain.world import World


@dataclass(frozen=True)
class CompleteWorkouts:
    """One element a complete session, ordered by member (a position) and start."""

    member: np.ndarray
    workout_id: np.ndarray
    session_id: np.ndarray
    start: np.ndarray
    stop: np.ndarray


def pairing(world: World, days: Days) -> Pairing:
    """How the events of these dates pair up."""
    return pair(world.made(sent, days).kept)


def complete_workouts(world: World, days: Days) -> CompleteWorkouts:
    """The complete sessions of these dates."""
    events, found = world.made(sent, days).kept, world.made(pairing, days)
    starts, stops = events.where(found.complete[:, 0]), events.where(found.complete[:, 1])
    member = starts.user_id - world.members.user_id[0]
    order = np.lexsort((starts.timestamp, member))
    return CompleteWorkouts(
        member[order],
        starts.workout_id[order],
        starts.session_id[order],
        starts.timestamp[order],
        stops.timestamp[order],
    )


def pieces(world: World, days: Days) -> pa.Table:
    """Complete and incomplete sessions by the UTC date on which they begin (or, without a start, end), and events."""
    events, found = world.made(sent, days).kept, world.made(pairing, days)
    day = (events.timestamp - world.chain.begin) // DAY
    first, n = int(day.min(initial=0)), int(day.max(initial=0)) + 1

    def count(positions: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(day[positions] - first, weights, n - first).astype(np.int64)

    starts, stops = found.complete[:, 0], found.complete[:, 1]
    return pa.table(
        {
            "date": date_column(world.chain, np.arange(first, n)),
            "complete": count(starts),
            "seconds": count(starts, events.timestamp[stops] - events.timestamp[starts]),
            "no_start": count(found.no_start),
            "no_stop": count(found.no_stop),
            "too_long": count(found.too_long),
            "events": count(np.arange(len(events))),
        }
    )


TRUTH = Truth("workouts", ("date",), ("complete", "seconds", "no_start", "no_stop", "too_long", "events"), pieces)
