"""Requests to leave, with the reason as somebody typed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.lives import CANCEL, days_of_export, in_utc
from data_gen.chain.parameters import DAY
from data_gen.chain.traits import chance
from data_gen.club.membership_events import membership_id
from data_gen.club.reasons import UNMAPPED, typed
from data_gen.writing.ledger import FLAGGED
from data_gen.writing.rows import Rows, date_text, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.days import Days
    from data_gen.chain.world import World
    from data_gen.writing.defects import Defects

_FIRST_ID = 50_000_001
_CHANNELS = ["desk", "app", "phone", "mail"]
SHAPE = Shape(
    table="club.cancellations",
    keys=("cancellation_id", "membership_id"),
    must=("cancellation_id", "membership_id"),
    broken=(("effective_on", "end of month"), ("requested_at", "by phone")),
)


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The requests of these days; some give a reason that says nothing."""
    chain, lives = world.chain, world.lives
    every = lives.events
    # Nobody asks more than a month before.
    near = (every.effective >= days.first - 1) & (every.effective <= days.behind + 32)
    events = every.where(np.flatnonzero((every.type == CANCEL) & (near | days.is_first)))
    # Asked for before it counts, even where it was entered too late.
    counts_at = in_utc(chain.begin + events.effective.astype(np.int64) * DAY, lives.memberships.gym[events.membership])
    number = membership_id(world, events.membership)
    hours_before = 3 + 37 * chance(chain, "hours before leaving", number)
    at = np.minimum(events.at, counts_at - (hours_before * 3600).astype(np.int64))
    here = days_of_export(chain, at, days)
    events, at, number = events.where(here), at[here], number[here]
    reason = lives.memberships.reason[events.membership].astype(np.int64)
    chances = np.array([chance(chain, f"reason {part}", number) for part in range(4)])
    channel = np.searchsorted([0.4, 0.75, 0.9], chance(chain, "leaves by", number), side="right")
    text = pa.table(
        {
            "cancellation_id": whole(_FIRST_ID + lives.memberships.number[events.membership].astype(np.int64)),
            "membership_id": whole(number),
            "member_id": whole(world.members.user_id[events.member]),
            "requested_at": utc_text(at),
            "effective_on": date_text(chain, events.effective),
            "reason": typed(reason, chances),
            "channel": pick(_CHANNELS, channel),
        }
    )
    found = Rows(text, chain.day_of(at), at, is_free=reason != UNMAPPED)
    unmapped = found.take(np.flatnonzero(~found.is_free))
    defects.note(
        "unmapped_reason", FLAGGED, keys=unmapped.keys(SHAPE.keys), days=unmapped.day, flag="is_unmapped_reason"
    )
    return found


STREAM = Stream(table="club.cancellations", shape=SHAPE, rows=rows)
