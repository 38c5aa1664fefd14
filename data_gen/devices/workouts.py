"""Workouts: sessions within stays, the start and stop events devices send, and how events pair up again."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, Parameters
from data_gen.chain.people import Members
from data_gen.writing.defects import Defects

if TYPE_CHECKING:
    from data_gen.chain.world import World

TOO_LONG = 3 * 3600
START, STOP = 0, 1
# More than the dates of a chain, and than a member's stays of a date.
_DATES, _STAYS_A_DATE = 100_000, 10
# Four in the morning at the easternmost club.
_NIGHT_UTC = 8 * 3600


@dataclass(frozen=True)
class Sessions:
    """One element a session, by member and start. `member`, `device`, `gym` are positions, `date` is a local date's
    index; times UTC seconds.
    """

    member: np.ndarray
    device: np.ndarray
    gym: np.ndarray
    date: np.ndarray
    workout_id: np.ndarray
    session_id: np.ndarray
    start: np.ndarray
    stop: np.ndarray

    def __len__(self) -> int:
        return len(self.member)

    def where(self, chosen: np.ndarray) -> Sessions:
        """The chosen sessions (a mask or positions)."""
        return Sessions(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    @classmethod
    def together(cls, several: list[Sessions]) -> Sessions:
        """All sessions of `several`, in that order."""
        return cls(**{f.name: np.concatenate([getattr(one, f.name) for one in several]) for f in fields(cls)})


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


def sessions_of(world: World, days: Days) -> Sessions:
    """Sessions of all stays of these dates in which a device was worn, with the numbers devices give them.

    Most devices number the stays in which they were worn; some begin anew each local day and count only sessions.
    """
    visits = world.visits(days)
    visits = visits.where(visits.device >= 0)
    # A stay's number tells its date, so that it needs no count of all stays before.
    of_date = _running(visits.member * _DATES + visits.date)
    stay_number = (visits.date + 1) * _STAYS_A_DATE + of_date
    visit, part = np.nonzero(visits.start)
    member = visits.member[visit]
    is_daily = world.members.counts_workouts_daily[member]
    session_number = _running(member * _DATES + visits.date[visit])
    return Sessions(
        member=member,
        device=visits.device[visit],
        gym=visits.gym[visit],
        date=visits.date[visit],
        workout_id=np.where(is_daily, 1, stay_number[visit]),
        session_id=np.where(is_daily, session_number, part + 1),
        start=visits.start[visit, part],
        stop=visits.stop[visit, part],
    )


def _running(group: np.ndarray) -> np.ndarray:
    """1 for the first of each run of equal numbers, 2 for the next …"""
    begins = np.diff(group, prepend=-1) != 0
    at = np.arange(len(group))
    return at - np.maximum.accumulate(np.where(begins, at, 0)) + 1


def lengthened(chain: Parameters, sessions: Sessions, members: Members, defects: Defects) -> tuple[Sessions, dict]:
    """Let some forget to press stop until hours later.

    Returns the sessions and the positions of those that became too long (exactly three hours the first of them) and
    of those that stayed one second under three hours.
    """
    dice = defects.dice
    is_last = np.diff(sessions.member, append=-1) != 0
    next_start = np.r_[sessions.start[1:], 0]
    is_alone = is_last | (next_start - sessions.start > 8 * 3600)
    may = is_alone & (sessions.start + 6 * 3600 < chain.end) & ~members.counts_workouts_daily[sessions.member]
    candidates = dice.permutation(np.flatnonzero(may))
    long = candidates[: defects.count("workout_too_long", len(candidates))]
    rest = candidates[len(long) :]
    # Not at night: it would reach into the next date's sessions.
    rest = rest[sessions.start[rest] + TOO_LONG < chain.begin + (sessions.date[rest] + 1) * DAY + _NIGHT_UTC]
    short = rest[: defects.count("workout_just_short_enough", len(rest))]
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
