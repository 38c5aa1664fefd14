"""Workouts: sessions within stays, the start and stop events devices send, and how events pair up again."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from data_gen.chain.parameters import GYMS, Parameters
from data_gen.chain.clock import local_day
from data_gen.writing.defect_plan import DefectPlan
from data_gen.chain.people import Members
from data_gen.chain.visits import Visits

TOO_LONG = 3 * 3600
START, STOP = 0, 1


@dataclass(frozen=True)
class Sessions:
    """One element a session, by member and start. `member`, `device`, `visit` are positions; times UTC seconds."""

    member: np.ndarray
    device: np.ndarray
    visit: np.ndarray
    workout_id: np.ndarray
    session_id: np.ndarray
    start: np.ndarray
    stop: np.ndarray

    def __len__(self) -> int:
        return len(self.member)

    def where(self, chosen: np.ndarray) -> Sessions:
        """The chosen sessions (a mask or positions)."""
        return Sessions(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


@dataclass(frozen=True)
class Events:
    """One element an event that a device sends; `user_id` is the id, for some users are nobody's members."""

    user_id: np.ndarray
    workout_id: np.ndarray
    session_id: np.ndarray
    action: np.ndarray
    timestamp: np.ndarray

    def __len__(self) -> int:
        return len(self.user_id)

    def where(self, chosen: np.ndarray) -> Events:
        """The chosen events (a mask or positions)."""
        return Events(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def plus(self, other: Events) -> Events:
        """These events and those of `other`."""
        return Events(**{f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)})


@dataclass(frozen=True)
class Pairing:
    """What a list of events amounts to.

    `complete` holds (position of start, position of stop) of each workout session; the others the positions of the
    event that begins (or, for `no_start`, ends) an incomplete one.
    """

    complete: np.ndarray
    no_stop: np.ndarray
    no_start: np.ndarray
    too_long: np.ndarray


def number_sessions(visits: Visits, members: Members) -> Sessions:
    """Sessions of all stays with the numbers devices give them.

    Most devices count workouts for ever; some begin anew each local day and count only sessions.
    """
    visit, part = np.nonzero(visits.start)
    member = visits.member[visit]
    start = visits.start[visit, part]
    day = np.zeros(len(visit), np.int64)
    for position, gym in enumerate(GYMS):
        here = visits.gym[visit] == position
        day[here] = local_day(start[here], gym.zone)
    is_daily = members.counts_workouts_daily[member]
    workout_number = _running(member, visit, restart=member)
    session_number = _running(member, np.arange(len(visit)), restart=member * 100_000 + day)
    return Sessions(
        member=member,
        device=visits.device[visit],
        visit=visit,
        workout_id=np.where(is_daily, 1, workout_number),
        session_id=np.where(is_daily, session_number, part + 1),
        start=start,
        stop=visits.stop[visit, part],
    )


def _running(member: np.ndarray, item: np.ndarray, restart: np.ndarray) -> np.ndarray:
    """1 for the first item of each `restart` group, 2 for the next …; equal neighbours count once."""
    if not len(member):
        return np.zeros(0, np.int64)
    is_next = np.r_[True, item[1:] != item[:-1]]
    begins = np.r_[True, restart[1:] != restart[:-1]]
    running = np.cumsum(is_next)
    return running - running[np.maximum.accumulate(np.where(begins, np.arange(len(member)), 0))] + 1


def lengthen(chain: Parameters, sessions: Sessions, members: Members, plan: DefectPlan) -> tuple[Sessions, dict]:
    """Let some forget to press stop until hours later.

    Returns the sessions and the positions of those that became too long (exactly three hours the first of them) and
    of those that stayed one second under three hours.
    """
    dice = chain.dice("long workouts")
    is_last = np.r_[sessions.member[1:] != sessions.member[:-1], True]
    next_start = np.r_[sessions.start[1:], 0]
    is_alone = is_last | (next_start - sessions.start > 8 * 3600)
    may = is_alone & (sessions.start + 6 * 3600 < chain.end) & ~members.counts_workouts_daily[sessions.member]
    candidates = dice.permutation(np.flatnonzero(may))
    long = candidates[: plan.count("workout_too_long", len(candidates))]
    rest = candidates[len(long) :]
    short = rest[: plan.count("workout_just_short_enough", len(rest))]
    stop = sessions.stop.copy()
    stop[long] = sessions.start[long] + TOO_LONG + dice.integers(1, 2 * 3600, len(long))
    stop[long[:1]] = sessions.start[long[:1]] + TOO_LONG
    stop[short] = sessions.start[short] + TOO_LONG - 1
    return replace(sessions, stop=stop), {"workout_too_long": long, "workout_just_short_enough": short}


def events_of(sessions: Sessions, members: Members) -> Events:
    """Two events a session: all starts, then all stops."""
    twice = {f.name: np.tile(getattr(sessions, f.name), 2) for f in fields(sessions)}
    return Events(
        user_id=members.user_id[twice["member"]],
        workout_id=twice["workout_id"],
        session_id=twice["session_id"],
        action=np.repeat([START, STOP], len(sessions)),
        timestamp=np.concatenate([sessions.start, sessions.stop]),
    )


def pair(events: Events) -> Pairing:
    """Pair starts and stops: a start with the next event of its user, workout and session if that is a stop."""
    order = np.lexsort((events.timestamp, events.session_id, events.workout_id, events.user_id))
    sorted_ = events.where(order)
    same = (
        (sorted_.user_id[1:] == sorted_.user_id[:-1])
        & (sorted_.workout_id[1:] == sorted_.workout_id[:-1])
        & (sorted_.session_id[1:] == sorted_.session_id[:-1])
    )
    meets = np.flatnonzero(same & (sorted_.action[:-1] == START) & (sorted_.action[1:] == STOP))
    is_long = sorted_.timestamp[meets + 1] - sorted_.timestamp[meets] >= TOO_LONG
    met = np.zeros(len(events), bool)
    met[meets] = met[meets + 1] = True
    alone = np.flatnonzero(~met)
    return Pairing(
        complete=order[np.column_stack([meets[~is_long], meets[~is_long] + 1])],
        no_stop=order[alone[sorted_.action[alone] == START]],
        no_start=order[alone[sorted_.action[alone] == STOP]],
        too_long=order[meets[is_long]],
    )
