"""Stays at the clubs: who comes when, for how long, and what of the stay is training."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from data_gen.chain.parameters import DAY, GYMS, Parameters
from data_gen.chain.clock import clock_changes, to_utc
from data_gen.devices.wearables import Carried
from data_gen.chain.people import Members

WORKOUT_SHARE = 0.60
DAYS_A_MONTH = 365.25 / 12
# Monday to Sunday, mean 1.
_WEEKDAY = np.array([1.15, 1.13, 1.10, 1.00, 0.90, 0.87, 0.85])
_SECOND_VISIT = 0.04
_SECOND_SESSION = 0.12
_LEFT_OPEN = 0.012
_MINUTES_BETWEEN_STAYS = 45


@dataclass(frozen=True)
class Visits:
    """One element a stay, ordered by member and login. `member`, `device` and `gym` are positions in their lists.

    Times are UTC seconds. A workout session is `start`/`stop` (stays, 2), zero where there is none. `is_left_open`
    says that the logout was never exported. `is_clock_change` marks stays begun before and ended after one.
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

    def __len__(self) -> int:
        return len(self.member)

    def where(self, chosen: np.ndarray) -> Visits:
        """The chosen stays (a mask or positions)."""
        return Visits(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def plan_visits(chain: Parameters, members: Members, carried: Carried) -> Visits:
    """All stays of the period that leave a trace: those of members who wear a device."""
    planned = [_day_of_visits(chain, members, day) for day in range(chain.days)] + [
        _nights_of_clock_change(chain, members)
    ]
    member, gym, login, is_clock_change = (np.concatenate(column) for column in zip(*planned, strict=True))
    dice = chain.dice("stays")
    start, stop, logout = _train(dice, login, is_clock_change)
    device = carried.pick(member, login, logout, dice.random(len(member)))
    visits = Visits(
        member, device, gym, login, logout, start, stop, dice.random(len(member)) < _LEFT_OPEN, is_clock_change
    )
    within = (login >= chain.begin) & (logout < chain.end - 600) & (device >= 0)
    is_member = (login >= members.joined_at[member]) & (logout < members.left_at[member])
    return _without_overlaps(visits.where(within & is_member))


def _day_of_visits(chain: Parameters, members: Members, day: int) -> tuple[np.ndarray, ...]:
    """(member, gym, login, is_clock_change) of one local date; at most two visits a member."""
    dice, date = chain.dice("visits", day), chain.date_of(day)
    chance = members.visits_a_month / DAYS_A_MONTH / (1 + _SECOND_VISIT) * _WEEKDAY[date.weekday()]
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
    hour = np.where(never_closes & (dice.random(len(member)) < 0.07), dice.uniform(21.5, 28.5, len(member)), hour)

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


def _nights_of_clock_change(chain: Parameters, members: Members) -> tuple[np.ndarray, ...]:
    """A few who train in a club that never closes while its clocks are put forward or back."""
    dice = chain.dice("clock changes")
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, bool))]
    for position, gym in enumerate(GYMS):
        regulars = np.flatnonzero(members.owns_device & (members.gym == position))
        for moment in clock_changes(gym.zone, chain.begin, chain.end) if gym.is_24h else ():
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
