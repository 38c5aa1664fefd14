"""Memberships as the management system exports them: a row at the start and one at each change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.lives import CANCEL, DOWNGRADE, JOIN, UPGRADE, days_of_export, in_utc
from data_gen.chain.parameters import DAY
from data_gen.club.membership_events import gym_numbers, membership_id
from data_gen.club.plans import CODES
from data_gen.writing.ledger import FLAGGED, QUARANTINED
from data_gen.writing.rows import Rows, cents_text, date_text, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.days import Days
    from data_gen.chain.lives import Events
    from data_gen.chain.world import World
    from data_gen.writing.defects import Defects

SHAPE = Shape(
    table="club.memberships",
    keys=("membership_id", "member_id", "updated_at"),
    must=("membership_id", "member_id", "updated_at"),
    broken=(("started_on", "2025-02-30"), ("price", "free"), ("updated_at", "today")),
)
_COLUMN = {name: position for position, name in enumerate(("membership_id", "member_id", "plan_code", "gym",
           "started_on", "ended_on", "price", "discount", "updated_at"))}  # fmt: skip


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The rows updated on these days, and some that end before they start."""
    chain, lives = world.chain, world.lives
    memberships = lives.memberships
    events, at = _with_update(world, days)
    # What the system knows at each row: the plan until then, and the end once the leaving is entered.
    plan_from = _newest(events.type != CANCEL, events)
    has_end = _newest(events.type == CANCEL, events) >= 0
    here = days_of_export(chain, at, days)
    events, at, plan_from, has_end = events.where(here), at[here], events.where(plan_from[here]), has_end[here]
    code = lives.code(events.membership, plan_from.plan.astype(np.int64))
    text = pa.table(
        {
            "membership_id": whole(membership_id(world, events.membership)),
            "member_id": whole(world.members.user_id[events.member]),
            "plan_code": pick(CODES, code),
            "gym": whole(gym_numbers(memberships.gym[events.membership])),
            "started_on": date_text(chain, memberships.started[events.membership]),
            "ended_on": date_text(chain, memberships.ended[events.membership], missing=~has_end),
            "price": cents_text(plan_from.cents),
            "discount": cents_text(plan_from.cents_off),
            "updated_at": utc_text(at),
        }
    )
    is_unmapped = memberships.is_unmapped[events.membership]
    clean = Rows(text, chain.day_of(at), at, is_free=~is_unmapped)
    defects.repeat(clean.day[events.type != JOIN])
    unmapped = clean.take(np.flatnonzero(is_unmapped))
    defects.note("unmapped_plan", FLAGGED, keys=unmapped.keys(SHAPE.keys), days=unmapped.day, flag="is_unmapped_plan")

    chosen = defects.dice.permutation(np.flatnonzero(clean.is_free))
    chosen = chosen[: defects.count("ended_before_started", len(clean))]
    # A second before the row of which it is a slip, so that it is not the newest even where nobody looks.
    wrong = clean.take(chosen)
    ended = date_text(chain, memberships.started[events.membership[chosen]] - 1)
    slipped = wrong.text.set_column(_COLUMN["ended_on"], "ended_on", ended)
    slipped = slipped.set_column(_COLUMN["updated_at"], "updated_at", utc_text(at[chosen] - 1))
    slips = Rows(slipped, chain.day_of(at[chosen] - 1), wrong.order - 1, np.zeros(len(chosen), bool))
    defects.note(
        "ended_before_started", QUARANTINED, keys=slips.keys(SHAPE.keys), days=slips.day, rule="ended_before_started"
    )
    return clean.plus(slips)


def _with_update(world: World, days: Days) -> tuple[Events, np.ndarray]:
    """All joins, changes of plan and cancellations of the memberships that these days touch, and the UTC second at
    which each changes the row; by membership and that second."""
    chain, lives = world.chain, world.lives
    every = lives.events
    changes = np.isin(every.type, [JOIN, UPGRADE, DOWNGRADE, CANCEL])
    counts_here = (every.effective >= days.first - 1) & (every.effective <= days.behind)
    begin, end = chain.begin + (days.first - 1) * DAY, chain.begin + days.behind * DAY
    entered_here = (every.at < end) & ((every.at >= begin) | days.is_first)
    touched = np.unique(every.membership[changes & (entered_here | counts_here)])
    events = every.where(lives.events_of(touched))
    events = events.where(np.isin(events.type, [JOIN, UPGRADE, DOWNGRADE, CANCEL]))
    # Another plan stands in the row from the day on which it counts; all else as soon as it is entered.
    midnight = chain.begin + events.effective.astype(np.int64) * DAY + 300
    counts_at = in_utc(midnight, lives.memberships.gym[events.membership])
    is_change = (events.type == UPGRADE) | (events.type == DOWNGRADE)
    at = np.where(is_change, np.maximum(events.at, counts_at), events.at)
    order = np.lexsort((at, events.membership))
    events, at = events.where(order), at[order]
    # Two rows of a membership never share their minute.
    far = events.membership.astype(np.int64) << 33
    minute = np.arange(len(at)) * 60
    return events, np.maximum.accumulate(at - minute + far) - far + minute


def _newest(mask: np.ndarray, events: Events) -> np.ndarray:
    """For each row the position of its membership's newest one until then of which `mask` holds, or -1."""
    position = np.maximum.accumulate(np.where(mask, np.arange(len(mask)), -1))
    return np.where(events.membership[position] == events.membership, position, -1)


STREAM = Stream(table="club.memberships", shape=SHAPE, rows=rows, back=1)
