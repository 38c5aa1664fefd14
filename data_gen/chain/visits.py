"""Stays at the clubs: who comes when, for how long, and what of the stay is training."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from data_gen.chain.clock import clock_changes, local_day, to_local, to_utc
from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, GYMS

if TYPE_CHECKING:
    from data_gen.chain.world import World

WORKOUT_SHARE = 0.60
DAYS_A_MONTH = 365.25 / 12
# Monday to Sunday, mean 1.
_WEEKDAY = np.array([1.15, 1.13, 1.10, 1.00, 0.90, 0.87, 0.85])
_SECOND_VISIT = 0.04
_SECOND_SESSION = 0.12
_LEFT_OPEN = 0.012
_MINUTES_BETWEEN_STAYS = 45
# The first of a date come at five.
_NIGHT_ENDS = 4 * 3600


@dataclass(frozen=True)
class Visits:
    """One element a stay, ordered by member and login. `member`, `device` and `gym` are positions in their lists.

    `device` is -1 where the turnstile saw none; `class_session` a position in the schedule of the same days, -1 for
    none; `date` the local date of the login as an index. Times are UTC seconds. A workout session is `start`/`stop`
    (stays, 2), zero where there is none. `is_left_open` says that the logout was never exported. `is_clock_change`
    marks stays begun before and ended after one.
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

    def __len__(self) -> int:
        return len(self.member)

    def where(self, chosen: np.ndarray) -> Visits:
        """The chosen stays (a mask or positions)."""
        return Visits(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def plan_visits(world: World, days: Days) -> Visits:
    """All stays of these local dates. Those of one date end before the next date's first, so stretches never meet."""
    chain, members = world.chain, world.members
    planned = [_day_of_visits(world, day) for day in days] + [_nights_of_clock_change(world, days)]
    member, gym, login, is_clock_change = (np.concatenate(column) for column in zip(*planned, strict=True))
    dice = chain.dice("stays", days.number)
    start, stop, logout = _train(dice, login, is_clock_change)
    device = world.carried.pick(member, login, logout, dice.random(len(member)))
    is_left_open = dice.random(len(member)) < _LEFT_OPEN
    date, ends = np.zeros(len(member), np.int64), np.zeros(len(member), np.int64)
    for position, each in enumerate(GYMS):
        here = gym == position
        date[here] = local_day(login[here], each.zone) - chain.begin // DAY
        ends[here] = to_local(logout[here], each.zone) - chain.begin - date[here] * DAY
    none = np.full(len(member), -1)
    visits = Visits(
        member, device, gym, login, logout, start, stop, is_left_open, is_clock_change, none, date
    )
    # The night's last leave before the first of the morning come.
    limit = np.where(is_clock_change, 0, DAY) + _NIGHT_ENDS
    within = (login >= chain.begin) & (logout < chain.end - 600) & (ends < np.where(date < 0, 0, limit))
    return _without_overlaps(visits.where(within))


def _day_of_visits(world: World, day: int) -> tuple[np.ndarray, ...]:
    """(member, gym, login, is_clock_change) of one local date; at most two visits a member."""
    chain, members = world.chain, world.members
    dice, date = chain.dice("visits", day), chain.date_of(day)
    a_month = np.where(world.lives.may_train(day), world.lives.visits_a_month(day), 0.0)
    chance = a_month / DAYS_A_MONTH / (1 + _SECOND_VISIT) * _WEEKDAY[date.weekday()]
    member = np.flatnonzero(dice.random(len(members)) < chance)
    gym = members.gym[member]
    # Those who train elsewhere stay near home: the other club of the same zone, where there is one.
    twin = np.array(
        [
            next((i for i, other in enumerate(GYMS) if other.zone == g.zone and other != g), at)
            for at, g in enumerate(GYMS)
        ]
    )
    gym = np.where(dice.random(len(member)) < 0.08, twin[gym], gym)

    is_morning = dice.random(len(member)) < members.morning[member]
    hour = np.where(is_morning, dice.normal(7.4, 0.8, len(member)), dice.normal(18.3, 0.9, len(member)))
    hour = np.where(dice.random(len(member)) < 0.15, dice.uniform(9, 17, len(member)), hour)
    hour = np.clip(hour, 5.0, 21.5)
    never_closes = np.array([g.is_24h for g in GYMS])[gym]
    hour = np.where(never_closes & (dice.random(len(member)) < 0.07), dice.uniform(21.5, 23.9, len(member)), hour)

    again = np.flatnonzero((hour < 10) & (dice.random(len(member)) < _SECOND_VISIT / 0.45))
    member = np.concatenate([member, member[again]])
    gym = np.concatenate([gym, gym[again]])
    hour = np.concatenate([hour, hour[again] + dice.uniform(9, 11.5, len(again))])
    wall = (chain.begin + day * DAY) + (hour * 3600).astype(np.int64)
    login = np.zeros(len(member), np.int64)
    for position, each in enumerate(GYMS):
        here = gym == position
        login[here] = to_utc(wall[here], each.zone)
    return member, gym, login, np.zeros(len(member), bool)


def _nights_of_clock_change(world: World, days: Days) -> tuple[np.ndarray, ...]:
    """A few who train in a club that never closes while its clocks are put forward or back."""
    chain, members = world.chain, world.members
    dice = chain.dice("clock changes", days.number)
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, bool))]
    begin, end = chain.begin + days.first * DAY, chain.begin + days.behind * DAY
    for position, gym in enumerate(GYMS):
        # Clocks change at two at night, which is some hours later in UTC but still the same date.
        for moment in clock_changes(gym.zone, begin, end) if gym.is_24h else ():
            day = (moment - chain.begin) // DAY
            regulars = np.flatnonzero(members.owns_device & (members.gym == position) & world.lives.may_train(day))
            here = np.sort(dice.permutation(regulars)[:6])
            login = moment - dice.integers(20 * 60, 40 * 60, len(here))
            found.append((here, np.full(len(here), position), login, np.ones(len(here), bool)))
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def _train(dice: np.random.Generator, login: np.ndarray, must: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(start, stop, logout): up to two sessions a stay; all who `must` train have a first one of 40 minutes or more."""
    n = len(login)
    trains = (dice.random(n) < WORKOUT_SHARE) | must
    twice = trains & (dice.random(n) < _SECOND_SESSION)
    minutes = np.clip(dice.lognormal(np.log(46), 0.35, (n, 2)), 20, 90)
    minutes[:, 0] = np.where(must, np.maximum(minutes[:, 0], 40), minutes[:, 0])
    minutes[:, 1] = np.clip(minutes[:, 1] * 0.6, 20, 90)
    length = (minutes * 60).astype(np.int64)
    first_start = login + dice.integers(5 * 60, 18 * 60, n)
    first_stop = first_start + length[:, 0]
    second_start = first_stop + dice.integers(5 * 60, 15 * 60, n)
    second_stop = second_start + length[:, 1]
    after = dice.integers(4 * 60, 25 * 60, n)
    only_visits = login + dice.integers(30 * 60, 110 * 60, n)
    logout = np.where(twice, second_stop + after, np.where(trains, first_stop + after, only_visits))
    start = np.column_stack([np.where(trains, first_start, 0), np.where(twice, second_start, 0)])
    stop = np.column_stack([np.where(trains, first_stop, 0), np.where(twice, second_stop, 0)])
    return start, stop, logout


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
