"""The revenue of memberships as it is earned, day by day, and what each member has brought in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.answer_key.truth_table import Truth
from data_gen.chain.lives import HISTORY, ranges
from data_gen.chain.parameters import DAY, GYMS
from data_gen.club.billing import billed
from data_gen.club.invoices import written
from data_gen.club.membership_events import gym_numbers

if TYPE_CHECKING:
    from data_gen.chain.days import Days
    from data_gen.chain.world import World

_DAYS_AT_ONCE = 31
# More days than any invoice pays for.
_LONGEST_DAYS = 400


def recognised(net: np.ndarray, days: np.ndarray, of_days: np.ndarray) -> np.ndarray:
    """Cents of `net` that are earned until and with the `days`-th of `of_days` days, rounded half up."""
    return (2 * net * days + of_days) // (2 * of_days)


def _pieces(world: World, days: Days) -> pa.Table:
    """(date, gym; net_cents): all days of the invoices written on these days, until the chain's last."""
    chain, invoices = world.chain, world.made(written, days)
    # Invoices of one day, gym, length and amount are earned alike.
    sizes = (HISTORY + chain.days, _LONGEST_DAYS, len(GYMS), int(invoices.net.max(initial=0)) + 1)
    parts = (invoices.since + HISTORY, invoices.until - invoices.since, invoices.gym, invoices.net)
    alike, count = np.unique(np.ravel_multi_index(parts, sizes), return_counts=True)
    since, length, gym, net = np.unravel_index(alike, sizes)
    since = since - HISTORY
    until = since + length
    earned_until = np.minimum(until, chain.days)
    which = np.repeat(np.arange(len(since)), earned_until - since)
    day = ranges(since, earned_until - since)
    k, of_days = day - since[which] + 1, (until - since)[which]
    cents = recognised(net[which], k, of_days) - recognised(net[which], k - 1, of_days)
    return pa.table(
        {
            "date": pa.array((day + chain.begin // DAY).astype(np.int32)).cast(pa.date32()),
            "gym": gym_numbers(gym[which]),
            "net_cents": cents * count[which],
        }
    )


def revenue_by_member(world: World, as_of: int) -> np.ndarray:
    """Cents of membership revenue that each member has brought in until and with day `as_of`."""
    total = np.zeros(len(world.members), np.int64)
    for first in range(-HISTORY, as_of + 1, _DAYS_AT_ONCE):
        invoices = billed(world, first, min(first + _DAYS_AT_ONCE, as_of + 1))
        of_days = invoices.until - invoices.since
        cents = recognised(invoices.net, np.minimum(as_of + 1 - invoices.since, of_days), of_days)
        np.add.at(total, invoices.member, cents)
    return total


TRUTH = Truth(name="membership_revenue", keys=("date", "gym"), measures=("net_cents",), pieces=_pieces)
