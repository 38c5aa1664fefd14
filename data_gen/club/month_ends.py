"""How every member stands at the end of a month: what months' truths are counted from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.lives import CANCEL
from data_gen.chain.parameters import DAY
from data_gen.club import plans

if TYPE_CHECKING:
    from data_gen.chain.world import World

NEVER_JOINED, ACTIVE, PAUSED, COMPLIMENTARY, LEFT = range(5)
STATUSES = ["never", "active", "paused", "complimentary", "left"]


@dataclass(frozen=True)
class MonthEnd:
    """Status, monthly cents, plan's code and gym (positions) of each member on the last day of `month`, or on as_of."""

    month: np.datetime64
    status: np.ndarray
    mrr: np.ndarray
    code: np.ndarray
    gym: np.ndarray

    @property
    def is_counted(self) -> np.ndarray:
        """Who counts as a paying member: active or paused."""
        return (self.status == ACTIVE) | (self.status == PAUSED)


def month_of(world: World, day: np.ndarray) -> np.ndarray:
    """The months of days (indexes from the chain's first)."""
    return (np.asarray(day) + world.chain.begin // DAY).astype("datetime64[D]").astype("datetime64[M]")


def month_column(months: np.ndarray) -> pa.Array:
    """Months as the dates of their first days."""
    return pa.array(np.asarray(months, "datetime64[M]").astype("datetime64[D]"))


def nobody(world: World, month: np.datetime64) -> MonthEnd:
    """Before the first join."""
    none = np.zeros(len(world.members), np.int64)
    return MonthEnd(month, none, none, none, none)


def month_ends(world: World, as_of: date) -> Iterator[MonthEnd]:
    """The ends of all months from that of the first join to that of `as_of`."""
    chain, last = world.chain, world.chain.day_index(as_of)
    first = month_of(world, world.lives.joined_day.min())
    for month in np.arange(first, month_of(world, last) + 1):
        end = (month + 1).astype("datetime64[D]").astype(np.int64) - chain.begin // DAY - 1
        yield _standing(world, month, min(int(end), last))


def _standing(world: World, month: np.datetime64, day: int) -> MonthEnd:
    lives, n = world.lives, len(world.members)
    newest = np.flatnonzero((lives.events.effective <= day) & (day < lives.events.behind))
    events = lives.events.where(newest)
    plan = events.plan.astype(np.int64)
    found = np.select(
        [events.type == CANCEL, events.is_paused, plans.IS_COMPLIMENTARY[plan]], [LEFT, PAUSED, COMPLIMENTARY], ACTIVE
    )
    status, mrr, code, gym = (np.zeros(n, kind) for kind in (np.int8, np.int64, np.int8, np.int8))
    status[events.member] = found
    mrr[events.member] = np.where(found == ACTIVE, a_month(plan, events.cents.astype(np.int64) - events.cents_off), 0)
    code[events.member] = lives.code(events.membership, plan)
    gym[events.member] = lives.memberships.gym[events.membership]
    return MonthEnd(month, status, mrr, code, gym)


def a_month(plan: np.ndarray, cents: np.ndarray) -> np.ndarray:
    """What `cents` of each billing period of the plans (positions) make a month, rounded half up."""
    numerator, denominator = plans.PERIODS_A_MONTH[plan].T
    return (2 * cents * numerator + denominator) // (2 * denominator)
