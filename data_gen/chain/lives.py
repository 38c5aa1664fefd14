"""Memberships over the whole time: who joins, pauses, changes plan, leaves and comes back, and how keen they are."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, fields

import numpy as np

from data_gen.chain.billing import FOUR_WEEKLY, MONTHLY, period_start
from data_gen.chain.clock import to_utc
from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, GYMS, Parameters
from data_gen.chain.people import NEVER, Members
from data_gen.club import plans
from data_gen.club.reasons import SHARES, UNMAPPED

JOIN, PAUSE, RESUME, UPGRADE, DOWNGRADE, CANCEL = range(6)
EVENT_TYPES = ["join", "pause", "resume", "upgrade", "downgrade", "cancel"]
# The chain opened a year before its first day.
HISTORY = 365
# Behind all days, where days are kept in 32 bits.
LATER = 2**30

_FOUNDERS, _OPENING_DAYS = 0.25, 30
_GROWTH_A_YEAR = 1.15
_JOINS_AT_LEAST = 0.10
# Of each month, January first, about their mean.
_JOINS_OF_MONTH = np.array([1.9, 1.25, 1.05, 0.95, 0.9, 0.85, 0.8, 0.85, 1.15, 1.0, 0.75, 0.55])
_VISITS_OF_MONTH = np.array([1.24, 1.13, 1.06, 1.02, 0.99, 0.93, 0.86, 0.88, 1.03, 1.05, 0.98, 0.83])
# Leaving, a month: this for the keenest, and more the less one comes.
_LEAVING_KEEN, _LEAVING_IDLE = 0.0172, 0.0395
_LEAVING_OF_PLAN = np.array([1.0, 0.9, 1.1, 1.0, 1.8, 1.0, 0.5])
_FADES_DAYS, _FADES_TO = 45, 0.4
_REJOINS, _REJOINS_FROM, _REJOINS_UNTIL, _MEMBERSHIPS = 0.081, 30, 365, 3
_PAUSES_KEEN, _PAUSES_IDLE, _PAUSES = 0.011, 0.013, 3
_CHANGES, _CHANGES_OF_PLAN = 0.009, 2
_TO_STAFF = 0.04
# Days between an event's entry and the day from which it counts, at most; a few are entered too late.
_AHEAD = np.array([3, 14, 7, 10, 10, 30])
_LATE, _LATE_DAYS = 0.02, 10
_LAST_ENTRY = 3600


@dataclass(frozen=True)
class Memberships:
    """One element a membership, by member and start. Days are indexes from the chain's first day.

    `ended` is the first day after it, far beyond the chain's end for most. `plan`, `gym` and `reason` (of leaving)
    are positions in their lists. `number` orders all by start. `is_unmapped`: exported with a code nobody knows.
    """

    member: np.ndarray
    started: np.ndarray
    ended: np.ndarray
    plan: np.ndarray
    gym: np.ndarray
    percent_off: np.ndarray
    reason: np.ndarray
    number: np.ndarray
    is_unmapped: np.ndarray

    def __len__(self) -> int:
        return len(self.member)


@dataclass(frozen=True)
class Events:
    """One element an event, by membership and day. `effective` to `behind` is the time for which it is the newest.

    `plan` (position), `cents` and `cents_off` (of a billing period) are those after it. `number` orders all by `at`,
    the UTC second of their entry; what is entered after the chain's end is not exported.
    """

    membership: np.ndarray
    member: np.ndarray
    type: np.ndarray
    effective: np.ndarray
    behind: np.ndarray
    plan: np.ndarray
    is_paused: np.ndarray
    cents: np.ndarray
    cents_off: np.ndarray
    at: np.ndarray
    number: np.ndarray

    def __len__(self) -> int:
        return len(self.member)

    def where(self, chosen: np.ndarray) -> Events:
        """The chosen events (a mask or positions)."""
        return Events(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


@dataclass(frozen=True)
class Lives:
    """The memberships of all members. Days are indexes from the chain's first day and may be negative.

    `joined_day` (of the first join), `left_day` (first day without a membership after the last leaving, or `NEVER`)
    and `engagement` have one element a member.
    """

    chain: Parameters
    joined_day: np.ndarray
    left_day: np.ndarray
    engagement: np.ndarray
    memberships: Memberships
    events: Events
    _newest: OrderedDict[int, np.ndarray] = field(default_factory=OrderedDict, repr=False, compare=False)

    def is_member(self, day: int) -> np.ndarray:
        """Who has a membership on that local date: active, paused or complimentary."""
        return self.newest_event(day) >= 0

    def may_train(self, day: int) -> np.ndarray:
        """Who is a member on that date and not paused."""
        newest = self.newest_event(day)
        return (newest >= 0) & ~self.events.is_paused[newest]

    def visits_a_month(self, day: int) -> np.ndarray:
        """Expected visits a month of each member who may train, by engagement and the season; less before leaving."""
        membership = self.events.membership[self.newest_event(day)]
        left = np.clip(self.memberships.ended[membership] - day, 0, _FADES_DAYS) / _FADES_DAYS
        return self.engagement * (season(self.chain, day) * (_FADES_TO + (1 - _FADES_TO) * left))

    def includes_classes(self, day: int) -> np.ndarray:
        """Whose plan on that date includes classes."""
        newest = self.newest_event(day)
        return (newest >= 0) & plans.INCLUDES_CLASSES[self.events.plan[newest]]

    def newest_event(self, day: int) -> np.ndarray:
        """Position of the event that rules each member's membership on that date; -1 for who has none."""
        if day not in self._newest:
            events = self.events
            running = np.flatnonzero((events.effective <= day) & (day < events.behind) & (events.type != CANCEL))
            newest = np.full(len(self.joined_day), -1, np.int32)
            newest[events.member[running]] = running
            self._newest[day] = newest
            if len(self._newest) > max(4, 1_000_000 // len(newest)):
                self._newest.popitem(last=False)
        return self._newest[day]

    def entered(self, days: Days) -> np.ndarray:
        """Positions of the events that the exports of these (UTC) days bring, by number."""
        found = np.flatnonzero(days_of_export(self.chain, self.events.at, days))
        return found[np.argsort(self.events.number[found])]

    def events_of(self, memberships: np.ndarray) -> np.ndarray:
        """Positions of all events of these memberships (positions, ascending)."""
        first, behind = (np.searchsorted(self.events.membership, memberships, side) for side in ("left", "right"))
        return ranges(first, behind - first)

    def code(self, membership: np.ndarray, plan: np.ndarray) -> np.ndarray:
        """The exported code (position in `plans.CODES`) of these memberships' plans."""
        return np.where(self.memberships.is_unmapped[membership], plans.UNMAPPED_PLAN, plan)


def season(chain: Parameters, day: int) -> float:
    """How much of the usual visits falls on that date: full in January, thin in summer and December."""
    on = chain.date_of(day)
    middles = (np.arange(-1, 13) + 0.5) * 365.25 / 12
    wrapped = np.concatenate([_VISITS_OF_MONTH[-1:], _VISITS_OF_MONTH, _VISITS_OF_MONTH[:1]])
    return float(np.interp(on.timetuple().tm_yday - 0.5, middles, wrapped))


def days_of_export(chain: Parameters, at: np.ndarray, days: Days) -> np.ndarray:
    """Mask of the UTC seconds `at` that the exports of these days bring; the first one brings all before it."""
    begin = np.iinfo(np.int64).min if days.is_first else chain.begin + days.first * DAY
    return (at >= begin) & (at < chain.begin + days.behind * DAY)


def ranges(first: np.ndarray, count: np.ndarray) -> np.ndarray:
    """`first`, `first` + 1 … of each, `count` of them, one after another."""
    ends = np.cumsum(count)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(first - (ends - count), count)


def draw_lives(chain: Parameters, members: Members) -> Lives:
    """Draw all memberships of the chain, those that ended within the year before it among them."""
    memberships, periods = _draw_memberships(chain, members)
    events = _draw_events(chain, members, memberships, periods)
    is_last = np.r_[memberships.member[1:] != memberships.member[:-1], True]
    ended = memberships.ended[is_last]
    return Lives(
        chain=chain,
        joined_day=memberships.started[np.r_[True, is_last[:-1]]],
        left_day=np.where(ended < chain.days, ended, NEVER),
        engagement=members.visits_a_month,
        memberships=memberships,
        events=events,
    )


def _draw_memberships(chain: Parameters, members: Members) -> tuple[Memberships, np.ndarray]:
    """All memberships, and how many billing periods each lasts."""
    dice = chain.dice("memberships")
    member = np.arange(len(members), dtype=np.int32)
    started, gym = _join_days(chain, dice, len(member)), members.gym.astype(np.int8)
    rounds = []
    for _ in range(_MEMBERSHIPS):
        n = len(member)
        plan = np.searchsorted(np.cumsum([each.share for each in plans.PLANS]), dice.random(n), side="right")
        plan = np.minimum(plan, plans.STAFF)
        idle = np.exp(-members.visits_a_month[member] / 2)
        a_month = (_LEAVING_KEEN + _LEAVING_IDLE * idle) * _LEAVING_OF_PLAN[plan]
        months = np.minimum(dice.exponential(1.0, n) / a_month, 600)
        numerator, denominator = plans.PERIODS_A_MONTH[plan].T
        periods = np.maximum(np.ceil(months * numerator / denominator), 1).astype(np.int32)
        ended = period_start(started + chain.begin // DAY, plans.PERIOD[plan], periods) - chain.begin // DAY
        rounds.append((member, started, ended.astype(np.int32), plan.astype(np.int8), gym, periods))
        again = ended + dice.integers(_REJOINS_FROM, _REJOINS_UNTIL, n)
        back = np.flatnonzero((dice.random(n) < _REJOINS) & (again < chain.days))
        member, started, gym = member[back], again[back].astype(np.int32), gym[back]
        # Who comes back may sign at another club.
        gym = np.where(dice.random(len(back)) < 0.15, dice.integers(0, len(GYMS), len(back)), gym).astype(np.int8)
    member, started, ended, plan, gym, periods = (np.concatenate(column) for column in zip(*rounds, strict=True))
    order = np.lexsort((started, member))
    member, started, ended, plan, gym, periods = (
        column[order] for column in (member, started, ended, plan, gym, periods)
    )
    n = len(member)
    number = np.empty(n, np.int32)
    number[np.argsort(started, kind="stable")] = np.arange(n, dtype=np.int32)
    reason = np.searchsorted(np.cumsum(SHARES), dice.random(n) * sum(SHARES), side="right").astype(np.int8)
    leaves = np.flatnonzero(ended < chain.days)
    unmapped = chain.dice("unmapped reasons").permutation(leaves)
    reason[unmapped[: chain.defects.count("unmapped_reason", len(leaves))]] = UNMAPPED
    memberships = Memberships(
        member=member,
        started=started,
        ended=ended,
        plan=plan,
        gym=gym,
        percent_off=_percent_off(chain, dice, started, plan),
        reason=reason,
        number=number,
        is_unmapped=np.zeros(n, bool),
    )
    return memberships, periods


def _join_days(chain: Parameters, dice: np.random.Generator, n: int) -> np.ndarray:
    """Days of first joins: many at the opening and in Januaries, more each year, some in the shortest chain."""
    day = np.arange(-HISTORY, chain.days)
    month = (day + chain.begin // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    weight = _JOINS_OF_MONTH[month] * _GROWTH_A_YEAR ** (day / 365.25)
    weight[:_OPENING_DAYS] += weight.sum() * _FOUNDERS / (1 - _FOUNDERS) / _OPENING_DAYS
    before = weight[:HISTORY].sum()
    weight[HISTORY:] *= max(1.0, before / weight[HISTORY:].sum() * _JOINS_AT_LEAST / (1 - _JOINS_AT_LEAST))
    ends = np.cumsum(weight)
    return day[np.searchsorted(ends, dice.random(n) * ends[-1], side="right").clip(0, len(day) - 1)].astype(np.int32)


def _percent_off(chain: Parameters, dice: np.random.Generator, started: np.ndarray, plan: np.ndarray) -> np.ndarray:
    """Discounts: a campaign for who joins in January, now and then a company's."""
    month = (started + chain.begin // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    campaign = (month == 0) & (dice.random(len(plan)) < 0.5)
    company = dice.random(len(plan)) < 0.08
    percent = np.where(campaign, dice.choice([20, 25, 30], len(plan)), np.where(company, 10, 0))
    return np.where(np.isin(plan, [plans.FLEX_W, plans.STAFF]), 0, percent).astype(np.int8)


def _draw_events(chain: Parameters, members: Members, memberships: Memberships, periods: np.ndarray) -> Events:
    """What happens to the memberships, each event at the beginning of one of their billing periods."""
    dice = chain.dice("membership events")
    found = [(np.arange(len(memberships)), np.zeros(len(memberships), np.int32), JOIN)]
    found.append((np.arange(len(memberships)), periods, CANCEL))
    pauses = _draw_pauses(dice, members, memberships, periods)
    found += [(pauses[0], pauses[1], PAUSE), (pauses[0], pauses[2], RESUME)]
    found += [(*change, UPGRADE) for change in _draw_changes(dice, memberships, periods, pauses)]
    membership = np.concatenate([part[0] for part in found]).astype(np.int32)
    k = np.concatenate([part[1] for part in found]).astype(np.int32)
    type_ = np.concatenate([np.full(len(part[0]), part[2], np.int8) for part in found])

    first_day = chain.begin // DAY
    period = plans.PERIOD[memberships.plan[membership]]
    effective = period_start(memberships.started[membership].astype(np.int64) + first_day, period, k) - first_day
    # A pause that the leaving ends has no resume; what begins long after the end nobody ever learns.
    known = (k < periods[membership]) | (type_ == CANCEL)
    known &= effective <= chain.last_day + _AHEAD.max()
    membership, type_, effective = membership[known], type_[known], effective[known]
    order = np.lexsort((effective, membership))
    membership, type_, effective = membership[order], type_[order], effective[order].astype(np.int32)

    plan, type_ = _plans_after(dice, memberships, membership, type_)
    is_paused = type_[_newest_where((type_ == PAUSE) | (type_ == RESUME) | (type_ == JOIN))] == PAUSE
    begins = _newest_where((type_ == JOIN) | (type_ == UPGRADE) | (type_ == DOWNGRADE))
    cents = plans.list_price(chain, plan, effective[begins]).astype(np.int32)
    cents_off = ((cents * memberships.percent_off[membership].astype(np.int64) + 50) // 100).astype(np.int32)

    member = memberships.member[membership]
    behind = np.r_[np.where(member[1:] == member[:-1], effective[1:], LATER), LATER].astype(np.int32)
    at = _entered_at(chain, dice, memberships, membership, type_, effective)
    number = np.empty(len(at), np.int32)
    number[np.argsort(at, kind="stable")] = np.arange(len(at), dtype=np.int32)
    _choose_unmapped(chain, memberships, membership, type_, plan)
    return Events(
        membership, member, type_, effective, behind, plan.astype(np.int8), is_paused, cents, cents_off, at, number
    )


def _draw_pauses(
    dice: np.random.Generator, members: Members, memberships: Memberships, periods: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(membership, first paused period, first period after it); who comes little pauses more."""
    may = np.flatnonzero(
        np.isin(plans.PERIOD[memberships.plan], [MONTHLY, FOUR_WEEKLY]) & (memberships.plan != plans.STAFF)
    )
    chance = _PAUSES_KEEN + _PAUSES_IDLE * np.exp(-members.visits_a_month[memberships.member[may]] / 3)
    until, found = np.zeros(len(may), np.int64), []
    for _ in range(_PAUSES):
        first = until + dice.geometric(chance)
        until = first + dice.choice([1, 2, 3], len(may), p=[0.5, 0.3, 0.2])
        found.append((may, first, until))
    membership, first, until = (np.concatenate(column) for column in zip(*found, strict=True))
    happens = first < periods[membership]
    return membership[happens], first[happens], until[happens]


def _draw_changes(
    dice: np.random.Generator, memberships: Memberships, periods: np.ndarray, pauses: tuple
) -> list[tuple[np.ndarray, np.ndarray]]:
    """(membership, period) of each change of plan; never together with a pause."""
    has_paused = np.zeros(len(memberships), bool)
    has_paused[pauses[0]] = True
    may = np.flatnonzero(np.isin(plans.PERIOD[memberships.plan], [MONTHLY, FOUR_WEEKLY]) & ~has_paused & (periods > 1))
    at, found = np.zeros(len(may), np.int64), []
    for _ in range(_CHANGES_OF_PLAN):
        at = at + dice.geometric(_CHANGES, len(may))
        happens = at < periods[may]
        found.append((may[happens], at[happens]))
    return found


def _plans_after(
    dice: np.random.Generator, memberships: Memberships, membership: np.ndarray, type_: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The plan after each event, and the types with changes told apart as upgrades and downgrades."""
    plan, type_ = memberships.plan[membership].astype(np.int64), type_.copy()
    changes = np.flatnonzero(type_ == UPGRADE)
    # The second change of a membership follows its first, for nothing but these happens to it between.
    is_second = np.zeros(len(changes), bool)
    is_second[1:] = membership[changes[1:]] == membership[changes[:-1]]
    for these in (changes[~is_second], changes[is_second]):
        before = plan[these - 1]
        given_away = (dice.random(len(these)) < _TO_STAFF) & (plans.PERIOD[before] == MONTHLY)
        after = np.where(given_away & (before != plans.STAFF), plans.STAFF, plans.OTHER_PLAN[before])
        plan[these] = after
        is_up = plans.LIST_CENTS[after] > plans.LIST_CENTS[before]
        type_[these] = np.where(is_up, UPGRADE, DOWNGRADE)
    newest = _newest_where((type_ == JOIN) | (type_ == UPGRADE) | (type_ == DOWNGRADE))
    return plan[newest], type_


def _newest_where(mask: np.ndarray) -> np.ndarray:
    """For each event the position of the newest one until then of which `mask` holds; the first of all is one."""
    return np.maximum.accumulate(np.where(mask, np.arange(len(mask)), 0))


def _entered_at(
    chain: Parameters, dice: np.random.Generator, memberships: Memberships, membership: np.ndarray, type_: np.ndarray,
    effective: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """UTC seconds at which events are entered: mostly before they count, always in their own order."""
    n = len(type_)
    before = (dice.random(n) * (_AHEAD[type_] + 1)).astype(np.int64)
    before = np.where((type_ == JOIN) & (dice.random(n) < 0.6), 0, before)
    is_late = (type_ != JOIN) & (dice.random(n) < _LATE)
    day = effective + np.where(is_late, dice.integers(1, _LATE_DAYS + 1, n), -before)
    wall = chain.begin + day.astype(np.int64) * DAY + dice.integers(8 * 3600, 21 * 3600, n)
    at = in_utc(wall, memberships.gym[membership])
    # All that counts until the last day is known by its end.
    at = np.where(effective <= chain.last_day, np.minimum(at, chain.end - _LAST_ENTRY), at)
    minute = np.arange(n) * 60
    far = membership.astype(np.int64) << 33
    return np.maximum.accumulate(at - minute + far) - far + minute


def in_utc(wall: np.ndarray, gym: np.ndarray) -> np.ndarray:
    """UTC seconds of the wall-clock seconds of these gyms (positions)."""
    at = np.zeros(len(wall), np.int64)
    for position, each in enumerate(GYMS):
        here = gym == position
        at[here] = to_utc(wall[here], each.zone)
    return at


def _choose_unmapped(
    chain: Parameters, memberships: Memberships, membership: np.ndarray, type_: np.ndarray, plan: np.ndarray
) -> None:
    """Mark the memberships of an older system's plan: monthly, paid, and never changed."""
    changed = np.zeros(len(memberships), bool)
    changed[membership[(type_ == UPGRADE) | (type_ == DOWNGRADE)]] = True
    may = np.flatnonzero((plans.PERIOD[memberships.plan] == MONTHLY) & (memberships.plan != plans.STAFF) & ~changed)
    dice = chain.dice("unmapped plans")
    count = chain.defects.count("unmapped_plan", len(may))
    memberships.is_unmapped[dice.permutation(may)[:count]] = True
