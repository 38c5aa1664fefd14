"""Stays at the clubs: who comes when, for how long, for which class, and what of the stay is training."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from data_gen.chain.clock import clock_changes, to_local, to_utc
from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, GYMS, Parameters
from data_gen.club.class_choice import NO_CLASS, choose, with_a_place
from data_gen.club.facilities import NO_FACILITY, pick_facility
from data_gen.club.schedule import NIGHT_HOUR, Schedule, sessions_on

if TYPE_CHECKING:
    from data_gen.chain.world import World

WORKOUT_SHARE = 0.60
DAYS_A_MONTH = 365.25 / 12
# Monday to Sunday, mean 1.
_WEEKDAY = np.array([1.15, 1.13, 1.10, 1.00, 0.90, 0.87, 0.85])
_SECOND_VISIT = 0.04
_SECOND_SESSION = 0.12
_FOR_A_CLASS = 0.29
_LEFT_OPEN = 0.012
_MINUTES_BETWEEN_STAYS = 45
# The first of a date come at five; the night's last have left by then.
_NIGHT_ENDS = 4 * 3600
_NIGHT_REGULARS, _AT_THE_NIGHT_CLASS = 6, 3


@dataclass(frozen=True)
class Visits:
    """One element a stay, ordered by member and login. `member`, `device` and `gym` are positions in their lists.

    `device` is -1 where the turnstile saw none; `class_session` a position in the schedule of the same days, -1 for
    none; `date` the local date of the login as an index. Times are UTC seconds. A workout session is `start`/`stop`
    (stays, 2), zero where there is none or no device to tell of it. `is_left_open` says that the logout was never
    exported. `is_clock_change` marks stays begun before and ended after one. `facility` is a position in FACILITIES
    (-1 for none), used from `facility_in` to `facility_out`.
    """

    member: np.ndarray
    device: np.ndarray
    gym: np.ndarray
    login: np.ndarray
    logout: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    is_left_open: np.ndarray
    is_clock_change: np.ndarray
    class_session: np.ndarray
    date: np.ndarray
    facility: np.ndarray
    facility_in: np.ndarray
    facility_out: np.ndarray

    def __len__(self) -> int:
        return len(self.member)

    def where(self, chosen: np.ndarray) -> Visits:
        """The chosen stays (a mask or positions)."""
        return Visits(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


@dataclass(frozen=True)
class ClassGoers:
    """One element a member with a place in a class of one date (a position among that date's sessions)."""

    member: np.ndarray
    session: np.ndarray


@dataclass(frozen=True)
class Day:
    """One local date: its stays, with `class_session` a position among `sessions`, and all who wanted to a class.

    Some of `goers` have no stay: their class was called off, or another stay left them no time.
    """

    sessions: Schedule
    visits: Visits
    goers: ClassGoers


def plan_visits(world: World, days: Days) -> Visits:
    """All stays of these local dates that end before the exports do.

    Those of one date end before the next date's first, so that stretches never meet.
    """
    chain = world.chain
    first = 0
    parts = []
    for day in world.made(plan_days, days):
        at = day.visits.class_session
        parts.append((day.visits, np.where(at == NO_CLASS, NO_CLASS, at + first)))
        first += len(day.sessions)
    columns = {f.name: np.concatenate([getattr(visits, f.name) for visits, _ in parts]) for f in fields(Visits)}
    columns["class_session"] = np.concatenate([session for _, session in parts])
    visits = Visits(**columns)
    visits = visits.where((visits.login >= chain.begin) & (visits.logout < chain.end - 600))
    return visits.where(np.lexsort((visits.login, visits.member)))


def plan_days(world: World, days: Days) -> list[Day]:
    """Each of these local dates."""
    return [plan_day(world, day) for day in days]


def plan_day(world: World, day: int) -> Day:
    """What members do on one local date; also on one after the chain's last, for which classes are booked."""
    chain, dice = world.chain, world.chain.dice("visits", day)
    sessions = sessions_on(chain, day)
    member, gym, hour = _come(world, day, dice)
    firsts = len(member)

    at_class = np.flatnonzero(dice.random(firsts) < _FOR_A_CLASS)
    session = np.full(firsts, NO_CLASS)
    session[at_class] = choose(chain, sessions, member[at_class], gym[at_class], hour[at_class], dice)
    order = dice.random(firsts)
    night_member, night_gym, night_session = _night_class(world, day, sessions, member)
    member, gym = np.concatenate([member, night_member]), np.concatenate([gym, night_gym])
    hour = np.concatenate([hour, np.full(len(night_member), NIGHT_HOUR)])
    session = np.concatenate([session, night_session])
    has_place = with_a_place(session, sessions.capacity, np.concatenate([order, np.full(len(night_member), -1.0)]))
    goers = ClassGoers(member[has_place], session[has_place])
    session = np.where(has_place & ~sessions.is_cancelled[session], session, NO_CLASS)

    again = np.flatnonzero((hour < 10) & (dice.random(len(member)) < _SECOND_VISIT / 0.45))
    member, gym = np.concatenate([member, member[again]]), np.concatenate([gym, gym[again]])
    hour = np.concatenate([hour, hour[again] + dice.uniform(9, 11.5, len(again))])
    session = np.concatenate([session, np.full(len(again), NO_CLASS)])
    login = _to_utc(chain.begin + day * DAY + (hour * 3600).astype(np.int64), gym)
    login = np.where(session == NO_CLASS, login, sessions.starts_at[session] - dice.integers(180, 1200, len(member)))
    must_train = np.zeros(len(member), bool)

    for position, moment in _clock_changes_on(chain, day):
        here = _night_regulars(world, day, position)
        member, gym = np.concatenate([member, here]), np.concatenate([gym, np.full(len(here), position)])
        session = np.concatenate([session, np.full(len(here), NO_CLASS)])
        login = np.concatenate([login, moment - dice.integers(20 * 60, 40 * 60, len(here))])
        must_train = np.concatenate([must_train, np.ones(len(here), bool)])

    visits = _stay(world, day, dice, member, gym, login, sessions, session, must_train)
    return Day(sessions, _without_overlaps(visits.where(_ends_in_time(world, day, visits))), goers)


def chance_of_a_visit(world: World, day: int) -> np.ndarray:
    """How likely each member comes on that local date for the first time."""
    known = min(day, world.chain.last_day)
    a_month = np.where(world.lives.may_train(known), world.lives.visits_a_month(known), 0.0)
    return a_month / DAYS_A_MONTH / (1 + _SECOND_VISIT) * _WEEKDAY[world.chain.date_of(day).weekday()]


def hours_of_day(world: World, member: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """When each of these members comes, in hours on the wall clock: most at their own time, before or after work."""
    n = len(member)
    is_morning = dice.random(n) < world.members.morning[member]
    hour = np.where(is_morning, dice.normal(7.4, 0.8, n), dice.normal(18.3, 0.9, n))
    hour = np.where(dice.random(n) < 0.15, dice.uniform(9, 17, n), hour)
    return np.clip(hour, 5.0, 21.5)


def _come(world: World, day: int, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(member, gym, hour) of the first visits of one local date."""
    members = world.members
    member = np.flatnonzero(dice.random(len(members)) < chance_of_a_visit(world, day))
    gym = members.gym[member].astype(np.int64)
    # Those who train elsewhere stay near home: the other club of the same zone, where there is one.
    twin = np.array(
        [
            next((i for i, other in enumerate(GYMS) if other.zone == g.zone and other != g), at)
            for at, g in enumerate(GYMS)
        ]
    )
    gym = np.where(dice.random(len(member)) < 0.08, twin[gym], gym)
    hour = hours_of_day(world, member, dice)
    never_closes = np.array([g.is_24h for g in GYMS])[gym]
    # Night people come before midnight or long after it, each always so: nobody meets his own stay of the day before.
    night = np.where(members.user_id[member] % 2 == 0, dice.uniform(21.5, 23.9, len(member)), 0.0)
    night = np.where(night == 0, dice.uniform(1.8, 3.5, len(member)), night)
    hour = np.where(never_closes & (dice.random(len(member)) < 0.07), night, hour)
    return member, gym, hour


def _stay(
    world: World,
    day: int,
    dice: np.random.Generator,
    member: np.ndarray,
    gym: np.ndarray,
    login: np.ndarray,
    sessions: Schedule,
    session: np.ndarray,
    must_train: np.ndarray,
) -> Visits:
    """What each does until the logout: up to two workouts (a class is one), then perhaps the pool or the like.

    All who `must_train` have a first workout of 40 minutes or more.
    """
    n = len(member)
    in_class = session != NO_CLASS
    trains = (dice.random(n) < WORKOUT_SHARE) | must_train
    twice = trains & (dice.random(n) < _SECOND_SESSION)
    minutes = np.clip(dice.lognormal(np.log(46), 0.35, (n, 2)), 20, 90)
    minutes[:, 0] = np.where(must_train, np.maximum(minutes[:, 0], 40), minutes[:, 0])
    minutes[:, 1] = np.clip(minutes[:, 1] * 0.6, 20, 90)
    length = (minutes * 60).astype(np.int64)
    hesitates = dice.integers(5 * 60, 18 * 60, n)
    begins, ends = sessions.starts_at[session], sessions.ends_at[session]
    first_start = np.where(in_class, begins + hesitates // 10, login + hesitates)
    first_stop = np.where(in_class, ends - dice.integers(0, 120, n), first_start + length[:, 0])
    second_start = first_stop + dice.integers(5 * 60, 15 * 60, n)
    second_stop = second_start + length[:, 1]
    done = np.where(twice, second_stop, np.where(trains, first_stop, login + dice.integers(26 * 60, 90 * 60, n)))
    done = np.where(in_class, np.maximum(done, ends), done)

    facility = np.where(must_train, NO_FACILITY, pick_facility(dice, gym))
    bathes = facility != NO_FACILITY
    facility_in = np.where(trains | in_class, done, login + hesitates) + dice.integers(3 * 60, 8 * 60, n)
    facility_out = facility_in + dice.integers(12 * 60, 50 * 60, n)
    logout = np.where(bathes, np.maximum(done, facility_out), done) + dice.integers(4 * 60, 25 * 60, n)

    device = world.carried.pick(member, login, logout, dice.random(n))
    tells = trains & (device >= 0)
    start = np.column_stack([np.where(tells, first_start, 0), np.where(tells & twice, second_start, 0)])
    stop = np.column_stack([np.where(tells, first_stop, 0), np.where(tells & twice, second_stop, 0)])
    return Visits(
        member=member,
        device=device,
        gym=gym,
        login=login,
        logout=logout,
        start=start,
        stop=stop,
        is_left_open=dice.random(n) < _LEFT_OPEN,
        is_clock_change=must_train,
        class_session=session,
        date=np.full(n, day),
        facility=facility,
        facility_in=np.where(bathes, facility_in, 0),
        facility_out=np.where(bathes, facility_out, 0),
    )


def _ends_in_time(world: World, day: int, visits: Visits) -> np.ndarray:
    """Which stays are over before the next date's first; a regular of the next night goes home in time for it."""
    chain = world.chain
    until = np.where(visits.is_clock_change, 0, DAY) + _NIGHT_ENDS
    in_time = _wall(visits.logout, visits.gym) - chain.begin - day * DAY < until
    for position, moment in _clock_changes_on(chain, day + 1):
        regulars = _night_regulars(world, day + 1, position)
        in_time &= ~np.isin(visits.member, regulars) | (visits.logout < moment - 2 * 3600)
    return in_time


def _night_class(
    world: World, day: int, sessions: Schedule, already: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(member, gym, session) of a few who are at the night class before and after a change of clocks."""
    chain = world.chain
    gym = np.array([position for on in (day, day + 1) for position, _ in _clock_changes_on(chain, on)], np.int64)
    none = np.zeros(0, np.int64)
    if not len(gym):
        return none, none, none
    hour = (_wall(sessions.starts_at, sessions.gym) - chain.begin - day * DAY) / 3600
    (at,) = np.flatnonzero((sessions.gym == gym[0]) & (hour == NIGHT_HOUR))
    regulars = _night_regulars(world, day, int(gym[0]), _NIGHT_REGULARS + _AT_THE_NIGHT_CLASS)[_NIGHT_REGULARS:]
    regulars = regulars[~np.isin(regulars, already)]
    return regulars, np.full(len(regulars), gym[0]), np.full(len(regulars), at)


def _night_regulars(world: World, day: int, gym: int, count: int = _NIGHT_REGULARS) -> np.ndarray:
    """A few members of a gym who come by night when its clocks change on that date."""
    may_train = world.lives.may_train(min(day, world.chain.last_day))
    candidates = np.flatnonzero(world.members.owns_device & (world.members.gym == gym) & may_train)
    return world.chain.dice("clock changes", day).permutation(candidates)[:count]


@lru_cache(maxsize=256)
def _clock_changes_on(chain: Parameters, day: int) -> tuple[tuple[int, int], ...]:
    """(gym, moment) of each change of clocks on that local date in a club that never closes."""
    begin = chain.begin + day * DAY
    # Clocks change at two at night, which is some hours later in UTC but still the same date.
    return tuple(
        (position, moment)
        for position, gym in enumerate(GYMS)
        for moment in (clock_changes(gym.zone, begin, begin + DAY) if gym.is_24h else ())
    )


def _wall(seconds: np.ndarray, gym: np.ndarray) -> np.ndarray:
    wall = np.zeros(len(seconds), np.int64)
    for position, each in enumerate(GYMS):
        here = gym == position
        wall[here] = to_local(seconds[here], each.zone)
    return wall


def _to_utc(wall: np.ndarray, gym: np.ndarray) -> np.ndarray:
    seconds = np.zeros(len(wall), np.int64)
    for position, each in enumerate(GYMS):
        here = gym == position
        seconds[here] = to_utc(wall[here], each.zone)
    return seconds


def _without_overlaps(visits: Visits) -> Visits:
    """Drop what a member cannot do: come again before leaving. Stays across a change of clocks go before others."""
    while True:
        visits = visits.where(np.lexsort((visits.login, visits.member)))
        close = (visits.member[1:] == visits.member[:-1]) & (
            visits.login[1:] < visits.logout[:-1] + _MINUTES_BETWEEN_STAYS * 60
        )
        if not close.any():
            return visits
        keep = np.ones(len(visits), bool)
        earlier = np.flatnonzero(close)
        keep[np.where(visits.is_clock_change[earlier + 1], earlier, earlier + 1)] = False
        visits = visits.where(keep)
