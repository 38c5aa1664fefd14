"""Invoices as the management system exports them on the day that they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.lives import HISTORY
from data_gen.chain.parameters import DAY
from data_gen.club.billing import Invoices, billed
from data_gen.club.membership_events import gym_numbers, membership_id
from data_gen.club.plans import CODES, UNMAPPED_PLAN
from data_gen.writing.ledger import FLAGGED, QUARANTINED
from data_gen.writing.rows import Rows, cents_text, date_text, pick, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.days import Days
    from data_gen.chain.world import World
    from data_gen.writing.defects import Defects

# Added to the number of the invoice of which a strange one is a copy.
_STRANGE = 5_000_000_000_000
_KINDS = ["membership", "fee"]
SHAPE = Shape(
    table="club.invoices",
    keys=("invoice_id", "membership_id"),
    must=("invoice_id", "membership_id"),
    broken=(("net", "n/a"), ("period_to", "2025-13-01"), ("invoiced_on", "today")),
)


def written(world: World, days: Days) -> Invoices:
    """The invoices written on these days; the first stretch writes those of the years before, too."""
    return billed(world, -HISTORY if days.is_first else days.first, days.behind)


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The invoices of these days, and some with a negative amount that nobody wrote."""
    chain, invoices = world.chain, world.made(written, days)
    text = pa.table(
        {
            "invoice_id": whole(invoices.invoice_id),
            "membership_id": whole(membership_id(world, invoices.membership)),
            "member_id": whole(world.members.user_id[invoices.member]),
            "gym": whole(gym_numbers(invoices.gym)),
            "kind": pick(_KINDS, invoices.kind),
            "plan_code": pick(CODES, invoices.code),
            "invoiced_on": date_text(chain, invoices.since),
            "period_from": date_text(chain, invoices.since),
            "period_to": date_text(chain, invoices.until),
            "net": cents_text(invoices.net),
            "tax": cents_text(invoices.tax),
            "currency": pa.repeat(pa.scalar("USD"), len(invoices)),
        }
    )
    is_free = invoices.code != UNMAPPED_PLAN
    # The night run writes them before the clubs open.
    night = chain.begin + invoices.since * DAY + 9 * 3600
    clean = Rows(text, chain.day_of(night), night, is_free=is_free)
    unmapped = clean.take(np.flatnonzero(~is_free))
    defects.note("unmapped_plan", FLAGGED, keys=unmapped.keys(SHAPE.keys), days=unmapped.day, flag="is_unmapped_plan")

    chosen = defects.dice.permutation(np.flatnonzero(is_free))[: defects.count("negative_price", len(clean))]
    wrong = clean.take(chosen)
    ids = whole(invoices.invoice_id[chosen] + _STRANGE)
    wrong_text = wrong.text.set_column(0, "invoice_id", ids).set_column(9, "net", cents_text(-invoices.net[chosen]))
    negative = Rows(wrong_text, wrong.day, wrong.order + 1, np.zeros(len(chosen), bool))
    defects.note(
        "negative_price", QUARANTINED, keys=negative.keys(SHAPE.keys), days=negative.day, rule="negative_price"
    )
    return clean.plus(negative)


STREAM = Stream(table="club.invoices", shape=SHAPE, rows=rows)
