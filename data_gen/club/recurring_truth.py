"""Monthly recurring revenue, what moves it from month to month, and churn."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.answer_key.truth_table import AsOf
from data_gen.chain.lives import CANCEL
from data_gen.chain.parameters import GYMS
from data_gen.club import plans
from data_gen.club.membership_events import gym_numbers
from data_gen.club.month_ends import (
    ACTIVE,
    LEFT,
    NEVER_JOINED,
    PAUSED,
    MonthEnd,
    month_column,
    month_ends,
    month_of,
    nobody,
)
from data_gen.writing.rows import pick

if TYPE_CHECKING:
    from data_gen.chain.world import World

MOVEMENTS = ["new", "reactivation", "resume", "pause", "churn", "expansion", "contraction"]
_EXPANSION, _CONTRACTION = 5, 6
# (status before, status after): which movement; every other one is more or less.
_MOVES = {(NEVER_JOINED, ACTIVE): 0, (LEFT, ACTIVE): 1, (PAUSED, ACTIVE): 2, (ACTIVE, PAUSED): 3, (ACTIVE, LEFT): 4}


def _pairs(world: World, as_of: date):
    """(month's beginning, month's end) of every month."""
    before = None
    for end in month_ends(world, as_of):
        yield before or nobody(world, end.month - 1), end
        before = end


def _mrr(world: World, collected: dict, as_of: date) -> pa.Table:
    """(month; opening_cents, closing_cents)."""
    found = [(after.month, before.mrr.sum(), after.mrr.sum()) for before, after in _pairs(world, as_of)]
    month, opening, closing = zip(*found, strict=True)
    return pa.table(
        {"month": month_column(month), "opening_cents": np.array(opening), "closing_cents": np.array(closing)}
    )


def movements(before: MonthEnd, after: MonthEnd) -> tuple[np.ndarray, np.ndarray]:
    """Each member's movement (position, -1 where nothing changed) and its amount in cents."""
    amount = after.mrr - before.mrr
    movement = np.where(amount > 0, _EXPANSION, _CONTRACTION)
    for (was, became), move in _MOVES.items():
        movement[(before.status == was) & (after.status == became)] = move
    return np.where(amount == 0, -1, movement), amount


def _mrr_movement(world: World, collected: dict, as_of: date) -> pa.Table:
    """(month, movement; members, amount_cents)."""
    months, moves, members, amounts = [], [], [], []
    for before, after in _pairs(world, as_of):
        movement, amount = movements(before, after)
        for move in np.unique(movement[movement >= 0]):
            months.append(after.month)
            moves.append(move)
            members.append(int((movement == move).sum()))
            amounts.append(int(amount[movement == move].sum()))
    return pa.table(
        {
            "month": month_column(months),
            "movement": pick(MOVEMENTS, np.array(moves, np.int64)),
            "members": pa.array(members, pa.int64()),
            "amount_cents": pa.array(amounts, pa.int64()),
        }
    )


def _churn(world: World, collected: dict, as_of: date) -> pa.Table:
    """(month, plan_code, gym; members_at_start, members_left, at_start_and_not_at_end), by the month's beginning."""
    cancels = _paid_cancels(world, as_of)
    cancelled_in = month_of(world, cancels.effective)
    size, found = len(plans.CODES) * len(GYMS), []
    for before, after in _pairs(world, as_of):
        group = before.code.astype(np.int64) * len(GYMS) + before.gym
        at_start, leavers = before.is_counted, cancels.where(cancelled_in == after.month)
        own = world.lives.code(leavers.membership, leavers.plan.astype(np.int64)) * len(GYMS)
        own = own + world.lives.memberships.gym[leavers.membership]
        left = np.where(at_start[leavers.member], group[leavers.member], own)
        counts = [
            np.bincount(groups, minlength=size)
            for groups in (group[at_start], left, group[at_start & ~after.is_counted])
        ]
        some = np.flatnonzero(np.sum(counts, axis=0))
        found.append((np.full(len(some), after.month), some, *(count[some] for count in counts)))
    month, group, start, left, gone = (np.concatenate(column) for column in zip(*found, strict=True))
    return pa.table(
        {
            "month": month_column(month),
            "plan_code": pick(plans.CODES, group // len(GYMS)),
            "gym": gym_numbers(group % len(GYMS)),
            "members_at_start": start,
            "members_left": left,
            "at_start_and_not_at_end": gone,
        }
    )


def _paid_cancels(world: World, as_of: date):
    """The cancellations of who paid that count until as_of; nobody leaves twice within a month."""
    events = world.lives.events
    counts = (events.type == CANCEL) & (events.effective <= world.chain.day_index(as_of))
    return events.where(counts & ~plans.IS_COMPLIMENTARY[events.plan])


TRUTHS = (AsOf("mrr", _mrr), AsOf("mrr_movement", _mrr_movement), AsOf("churn", _churn))
