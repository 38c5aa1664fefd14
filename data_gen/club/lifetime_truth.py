"""How long paying members stay, and what the plans on which they joined brought in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.answer_key.truth_table import AsOf, Collected
from data_gen.chain.gym_time import gym_date
from data_gen.chain.parameters import FIRST_USER_ID
from data_gen.club import attendance, plans
from data_gen.club.month_ends import ACTIVE, month_ends
from data_gen.club.revenue_truth import revenue_by_member
from data_gen.shop.receipts import NOBODY
from data_gen.shop.refunds import refunded
from data_gen.shop.sales import exported
from data_gen.writing.rows import pick

if TYPE_CHECKING:
    from data_gen.chain.days import Days
    from data_gen.chain.world import World

MONTHS = 36


def _segments(world: World, as_of: int) -> np.ndarray:
    """The plan's code (position) of each paying member's first join until then; -1 for all others."""
    lives = world.lives
    first = np.flatnonzero(np.r_[True, lives.memberships.member[1:] != lives.memberships.member[:-1]])
    plan = lives.memberships.plan[first].astype(np.int64)
    pays = ~plans.IS_COMPLIMENTARY[plan] & (lives.joined_day <= as_of)
    return np.where(pays, lives.code(first, plan), -1)


def _survival(world: World, collected: dict, as_of: date) -> pa.Table:
    """(plan_code, month_number; at_risk, left): from the first join to the first leaving, or to as_of."""
    lives, last = world.lives, world.chain.day_index(as_of)
    segment = _segments(world, last)
    first = np.flatnonzero(np.r_[True, lives.memberships.member[1:] != lives.memberships.member[:-1]])
    left = lives.memberships.ended[first].astype(np.int64)
    has_left = left <= last
    months = (np.minimum(left, last) - lives.joined_day) * 16 // 487
    # The last column holds all who stayed longer.
    shape = (len(plans.CODES), MONTHS + 2)
    cell = segment * shape[1] + np.minimum(months, MONTHS + 1)
    ends, leaving = (
        np.bincount(cell[chosen], minlength=shape[0] * shape[1]).reshape(shape)
        for chosen in (segment >= 0, (segment >= 0) & has_left)
    )
    at_risk = ends[:, ::-1].cumsum(axis=1)[:, ::-1]
    codes = np.flatnonzero(ends.sum(axis=1))
    return pa.table(
        {
            "plan_code": pick(plans.CODES, np.repeat(codes, MONTHS + 1)),
            "month_number": np.tile(np.arange(MONTHS + 1), len(codes)),
            "at_risk": at_risk[codes, : MONTHS + 1].ravel(),
            "left": leaving[codes, : MONTHS + 1].ravel(),
        }
    )


def _spent(world: World, days: Days) -> pa.Table:
    """(date, member; net_cents): what known members spent on places in classes and in the shops, less refunds."""
    found = world.made(attendance.attendance, days)
    counts = ~np.isin(found.outcome, [attendance.EARLY_CANCEL, attendance.CLASS_CANCELLED]) & (found.paid_cents > 0)
    booker = found.member_id - FIRST_USER_ID
    counts &= (booker >= 0) & (booker < len(world.members))
    classes = pa.table(
        {
            "date": attendance.dates(world.chain, world.schedule(days).date[found.session[counts]]),
            "member": pa.array(booker[counts].astype(np.int32)),
            "net_cents": found.paid_cents[counts].astype(np.int64),
        }
    )
    lines, back = world.made(exported, days).lines, world.made(refunded, days)
    gym = np.concatenate([lines.gym, lines.gym[back.line]])
    member = np.concatenate([lines.member, lines.member[back.line]])
    shop = pa.table(
        {
            "date": gym_date(gym, np.concatenate([lines.sold_at, back.refunded_at])),
            "member": pa.array(member.astype(np.int32)),
            "net_cents": np.concatenate([lines.net, -back.cents]).astype(np.int64),
        }
    ).filter(pa.array(member != NOBODY))
    return pa.concat_tables([classes, shop]).group_by(["date", "member"]).aggregate([("net_cents", "sum")])


def _ltv_inputs(world: World, collected: dict, as_of: date) -> pa.Table:
    """(plan_code; members, member_months, revenue_cents) by the plan of the first join."""
    n, last = len(world.members), world.chain.day_index(as_of)
    revenue = revenue_by_member(world, last)
    spent = collected[SPENT.name]
    past = spent["date"].to_numpy() <= np.datetime64(as_of)
    np.add.at(revenue, spent["member"].to_numpy()[past], spent["net_cents_sum"].to_numpy()[past])
    active = np.zeros(n, np.int64)
    for end in month_ends(world, as_of):
        active += end.status == ACTIVE
    segment = _segments(world, last)
    codes = np.unique(segment[segment >= 0])
    sums = [
        [int(column[segment == code].sum()) for code in codes] for column in (np.ones(n, np.int64), active, revenue)
    ]
    return pa.table(
        {"plan_code": pick(plans.CODES, codes), "members": sums[0], "member_months": sums[1], "revenue_cents": sums[2]}
    )


SPENT = Collected("spent", _spent)
TRUTHS = (AsOf("survival", _survival), SPENT, AsOf("ltv_inputs", _ltv_inputs))
