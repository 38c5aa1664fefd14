"""How many members have which status, how many join and come back, and why members leave."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.answer_key.truth_table import AsOf
from data_gen.chain.lives import CANCEL, JOIN
from data_gen.club.month_ends import NEVER_JOINED, STATUSES, month_column, month_ends, month_of
from data_gen.club.reasons import CODES
from data_gen.writing.rows import pick

if TYPE_CHECKING:
    from data_gen.chain.world import World


def _member_status(world: World, collected: dict, as_of: date) -> pa.Table:
    """(month, status; members) of all who have joined until then."""
    months, status, members = [], [], []
    for end in month_ends(world, as_of):
        counts = np.bincount(end.status, minlength=len(STATUSES))
        found = [one for one in np.flatnonzero(counts) if one != NEVER_JOINED]
        months += [end.month] * len(found)
        status += found
        members += counts[found].tolist()
    return pa.table(
        {"month": month_column(months), "status": pick(STATUSES, np.array(status)), "members": pa.array(members)}
    )


def _by_member(world: World, collected: dict, as_of: date) -> pa.Table:
    """(member_id, status, mrr_cents) at as_of."""
    *_, end = month_ends(world, as_of)
    joined = np.flatnonzero(end.status != NEVER_JOINED)
    return pa.table(
        {
            "member_id": world.members.user_id[joined],
            "status": pick(STATUSES, end.status[joined]),
            "mrr_cents": end.mrr[joined],
        }
    )


def _joins(world: World, collected: dict, as_of: date) -> pa.Table:
    """(month; joins, rejoins): first joins, and those of members who come back."""
    events = world.lives.events
    found = events.where((events.type == JOIN) & (events.effective <= world.chain.day_index(as_of)))
    is_first = found.effective == world.lives.joined_day[found.member]
    months, which = np.unique(month_of(world, found.effective), return_inverse=True)
    return pa.table(
        {
            "month": month_column(months),
            "joins": np.bincount(which[is_first], minlength=len(months)),
            "rejoins": np.bincount(which[~is_first], minlength=len(months)),
        }
    )


def _leaves(world: World, collected: dict, as_of: date) -> pa.Table:
    """(month, reason; leaves), those of complimentary members among them."""
    events = world.lives.events
    found = events.where((events.type == CANCEL) & (events.effective <= world.chain.day_index(as_of)))
    reason = world.lives.memberships.reason[found.membership].astype(np.int64)
    month = month_of(world, found.effective).astype(np.int64)
    groups, leaves = np.unique(month * len(CODES) + reason, return_counts=True)
    return pa.table(
        {
            "month": month_column((groups // len(CODES)).astype("datetime64[M]")),
            "reason": pick(CODES, groups % len(CODES)),
            "leaves": leaves,
        }
    )


TRUTHS = (
    AsOf("member_status", _member_status),
    AsOf("member_status_by_member", _by_member),
    AsOf("joins", _joins),
    AsOf("leaves", _leaves),
)
