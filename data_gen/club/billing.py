"""What members are billed: one invoice a billing period of who is active and pays, and a fee at joining."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from data_gen.chain.billing import DAYS, first_period_from, period_start
from data_gen.chain.lives import CANCEL, ranges
from data_gen.chain.parameters import DAY, GYMS
from data_gen.club import plans
from data_gen.club.membership_events import membership_id

if TYPE_CHECKING:
    from data_gen.chain.world import World

MEMBERSHIP, FEE = 0, 1
# Sales tax in thousandths of a percent.
TAX = np.array([{"NY": 8875, "AZ": 8600, "HI": 4712}[gym.state] for gym in GYMS])
# An invoice's number tells its membership and billing period, the last one of these the fee.
_PERIODS = 10_000


@dataclass(frozen=True)
class Invoices:
    """One element an invoice. `since` to `until` are the days it pays for, indexes from the chain's first day.

    It is written on the first of them. `member`, `membership`, `gym` and `code` (of the plan) are positions; money is
    in cents.
    """

    invoice_id: np.ndarray
    membership: np.ndarray
    member: np.ndarray
    gym: np.ndarray
    kind: np.ndarray
    code: np.ndarray
    since: np.ndarray
    until: np.ndarray
    net: np.ndarray
    tax: np.ndarray

    def __len__(self) -> int:
        return len(self.invoice_id)

    def where(self, chosen: np.ndarray) -> Invoices:
        """The chosen invoices (a mask or positions)."""
        return Invoices(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def plus(self, other: Invoices) -> Invoices:
        """These invoices, then those of `other`."""
        return Invoices(
            **{f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)}
        )


def billed(world: World, first: int, behind: int) -> Invoices:
    """The invoices written on the days [first, behind), indexes from the chain's first day."""
    chain, lives = world.chain, world.lives
    every, epoch = lives.memberships, chain.begin // DAY
    running = (every.started < behind) & (every.ended > first) & _may_bill(world, first, behind)
    running = np.flatnonzero(running)
    started = every.started[running].astype(np.int64) + epoch
    period = plans.PERIOD[every.plan[running]]
    begin = first_period_from(started, period, first + epoch)
    end = np.minimum(behind, every.ended[running].astype(np.int64)) + epoch
    count = np.maximum(first_period_from(started, period, end) - begin, 0)
    k = ranges(begin, count)
    at = np.repeat(np.arange(len(running)), count)
    membership, started, period = running[at], started[at], period[at]
    since = period_start(started, period, k) - epoch
    until = period_start(started, period, k + 1) - epoch

    events = lives.events
    newest = np.searchsorted(_event_days(world), _sortable(membership, since), side="right") - 1
    plan = events.plan[newest].astype(np.int64)
    pays = (events.type[newest] != CANCEL) & ~events.is_paused[newest] & ~plans.IS_COMPLIMENTARY[plan]
    membership, k, since, until, newest, plan = (column[pays] for column in (membership, k, since, until, newest, plan))
    gym = every.gym[membership].astype(np.int64)
    net = events.cents[newest].astype(np.int64) - events.cents_off[newest]
    invoices = Invoices(
        invoice_id=membership_id(world, membership) * _PERIODS + k,
        membership=membership,
        member=every.member[membership],
        gym=gym,
        kind=np.full(len(k), MEMBERSHIP),
        code=lives.code(membership, plan),
        since=since,
        until=until,
        net=net,
        tax=(net * TAX[gym] + 50_000) // 100_000,
    )
    return invoices.plus(_fees(world, invoices, k))


def _may_bill(world: World, first: int, behind: int) -> np.ndarray:
    """Mask of the memberships that can have a billing period begin on these days: all others are left out cheaply."""
    memberships, epoch = world.lives.memberships, world.chain.begin // DAY
    days = (np.arange(first, behind) + epoch).astype("datetime64[D]")
    month = days.astype("datetime64[M]")
    day_of_month = (days - month.astype("datetime64[D]")).astype(np.int64)
    on = np.zeros(31, bool)
    on[day_of_month] = True
    for last in day_of_month[(days + 1).astype("datetime64[M]") > month]:
        on[last:] = True
    by_date = on[_days_of_month(world)]
    by_days = np.zeros(len(memberships), bool)
    for period, length in DAYS.items():
        by_days |= (plans.PERIOD[memberships.plan] == period) & (
            (memberships.started - first) % length < behind - first
        )
    return np.where(np.isin(plans.PERIOD, list(DAYS))[memberships.plan], by_days, by_date)


@lru_cache(maxsize=1)
def _days_of_month(world: World) -> np.ndarray:
    """On which day of a month each membership began, from 0."""
    days = (world.lives.memberships.started + world.chain.begin // DAY).astype("datetime64[D]")
    return (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int8)


def _fees(world: World, invoices: Invoices, k: np.ndarray) -> Invoices:
    """What who joins outside a campaign pays once, beside the first invoice; free of tax."""
    memberships = world.lives.memberships
    fee = plans.FEE_CENTS[memberships.plan[invoices.membership]]
    owed = (k == 0) & (fee > 0) & (memberships.percent_off[invoices.membership] == 0)
    fees = invoices.where(owed)
    return Invoices(
        invoice_id=fees.invoice_id + _PERIODS - 1,
        membership=fees.membership,
        member=fees.member,
        gym=fees.gym,
        kind=np.full(len(fees), FEE),
        code=fees.code,
        since=fees.since,
        until=fees.since + 1,
        net=fee[owed],
        tax=np.zeros(len(fees), np.int64),
    )


def _sortable(membership: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Numbers in the order of membership and day."""
    return (membership.astype(np.int64) << 32) + day + (1 << 31)


@lru_cache(maxsize=1)
def _event_days(world: World) -> np.ndarray:
    """The events' membership and day as one number each, ascending."""
    return _sortable(world.lives.events.membership, world.lives.events.effective)
