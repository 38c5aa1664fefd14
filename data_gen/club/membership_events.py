"""What happens to memberships, as the management system exports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.lives import EVENT_TYPES
from data_gen.chain.parameters import GYMS
from data_gen.club.plans import CODES
from data_gen.writing.ledger import FLAGGED, QUARANTINED
from data_gen.writing.rows import Rows, cents_text, date_text, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.days import Days
    from data_gen.chain.world import World
    from data_gen.writing.defects import Defects

FIRST_MEMBERSHIP_ID = 30_000_001
_FIRST_EVENT_ID = 1_000_001
# What no real event's number reaches.
_FIRST_STRANGE_EVENT_ID = 900_000_001
SHAPE = Shape(
    table="club.membership_events",
    keys=("event_id", "membership_id", "event_type", "effective_on"),
    must=("event_id", "membership_id", "event_type", "effective_on"),
    broken=(("effective_on", "next month"), ("price", "39,00 USD"), ("event_at", "yesterday")),
)


def membership_id(world: World, membership: np.ndarray) -> np.ndarray:
    """The system's numbers of these memberships (positions): the later begun, the higher."""
    return FIRST_MEMBERSHIP_ID + world.lives.memberships.number[membership].astype(np.int64)


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The events entered on these days, and some of a type that nobody knows."""
    lives = world.lives
    events = lives.events.where(lives.entered(days))
    code = lives.code(events.membership, events.plan.astype(np.int64))
    text = pa.table(
        {
            "event_id": whole(_FIRST_EVENT_ID + events.number.astype(np.int64)),
            "membership_id": whole(membership_id(world, events.membership)),
            "member_id": whole(world.members.user_id[events.member]),
            "event_type": pick(EVENT_TYPES, events.type),
            "event_at": utc_text(events.at),
            "effective_on": date_text(world.chain, events.effective),
            "plan_code": pick(CODES, code),
            "price": cents_text(events.cents),
            "discount": cents_text(events.cents_off),
            "gym": whole(gym_numbers(lives.memberships.gym[events.membership])),
        }
    )
    is_unmapped = lives.memberships.is_unmapped[events.membership]
    clean = Rows(text, world.chain.day_of(events.at), events.at, is_free=~is_unmapped)
    unmapped = clean.take(np.flatnonzero(is_unmapped))
    defects.note("unmapped_plan", FLAGGED, keys=unmapped.keys(SHAPE.keys), days=unmapped.day, flag="is_unmapped_plan")

    chosen = defects.dice.permutation(np.flatnonzero(clean.is_free))
    chosen = chosen[: defects.count("unknown_event_type", len(clean))]
    ids = whole(_FIRST_STRANGE_EVENT_ID + events.number[chosen].astype(np.int64))
    strange = clean.take(chosen).with_column("event_type", "transfer")
    strange = Rows(
        strange.text.set_column(0, "event_id", ids), strange.day, strange.order + 1, np.zeros(len(ids), bool)
    )
    defects.note(
        "unknown_event_type", QUARANTINED, keys=strange.keys(SHAPE.keys), days=strange.day, rule="unknown_event_type"
    )
    return clean.plus(strange)


def gym_numbers(gym: np.ndarray) -> np.ndarray:
    """The numbers of gyms (positions)."""
    return np.array([each.number for each in GYMS])[gym]


STREAM = Stream(table="club.membership_events", shape=SHAPE, rows=rows)
