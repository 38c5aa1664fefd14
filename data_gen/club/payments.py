"""Attempts to pay invoices: some fail and are tried again, a few are given back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.lives import in_utc
from data_gen.chain.parameters import DAY
from data_gen.club.invoices import written
from data_gen.writing.ledger import FLAGGED
from data_gen.writing.rows import Rows, cents_text, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.days import Days
    from data_gen.chain.world import World
    from data_gen.writing.defects import Defects

_FAILS, _FAILS_AGAIN, _GIVEN_BACK = 0.04, 0.3, 0.006
_ATTEMPTS = 3
# A payment's number tells its invoice and its place among the attempts; the last place is a refund's.
_PLACES = 10
_REFUND = _PLACES - 1
_SETTLED, _FAILED, _REFUNDED = range(3)
_STATUS = ["settled", "failed", "refunded"]
_METHODS = ["card", "bank", "cash"]
# Added to the number of an invoice to make one that nobody knows.
_UNKNOWN = 7_000_000_000_000
SHAPE = Shape(
    table="club.payments",
    keys=("payment_id", "invoice_id"),
    must=("payment_id", "invoice_id"),
    broken=(("amount", "39,00"), ("paid_at", "noon")),
)


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The attempts to pay the invoices written on these days, and some for invoices that nobody knows."""
    chain, invoices = world.chain, world.made(written, days)
    dice = chain.dice("payments", days.number)
    n = len(invoices)
    method = np.searchsorted([0.72, 0.97], dice.random(n), side="right")
    day = invoices.since + dice.integers(0, 6, n)
    owed, found = np.arange(n), []
    for attempt in range(_ATTEMPTS):
        fails = dice.random(len(owed)) < (_FAILS_AGAIN if attempt else _FAILS)
        found.append((owed, day[owed], np.full(len(owed), attempt), np.where(fails, _FAILED, _SETTLED)))
        settled = owed[~fails]
        back = settled[dice.random(len(settled)) < _GIVEN_BACK]
        found.append(
            (
                back,
                day[back] + dice.integers(2, 20, len(back)),
                np.full(len(back), _REFUND),
                np.full(len(back), _REFUNDED),
            )
        )
        owed = owed[fails]
        day[owed] += dice.integers(3, 8, len(owed))
    which, day, place, status = (np.concatenate(column) for column in zip(*found, strict=True))
    wall = chain.begin + day * DAY + dice.integers(6 * 3600, 22 * 3600, len(day))
    at = in_utc(wall, invoices.gym[which])
    known = np.flatnonzero(at < chain.end)
    which, place, status, at = which[known], place[known], status[known], at[known]
    text = pa.table(
        {
            "payment_id": whole(invoices.invoice_id[which] * _PLACES + place),
            "invoice_id": whole(invoices.invoice_id[which]),
            "member_id": whole(world.members.user_id[invoices.member[which]]),
            "paid_at": utc_text(at),
            "amount": cents_text((invoices.net + invoices.tax)[which]),
            "currency": pa.repeat(pa.scalar("USD"), len(which)),
            "method": pick(_METHODS, method[which]),
            "status": pick(_STATUS, status),
        }
    )
    clean = Rows(text, chain.day_of(at), at)

    chosen = defects.dice.permutation(np.flatnonzero(status == _SETTLED))
    chosen = chosen[: defects.count("orphan_payment", len(clean))]
    unknown = invoices.invoice_id[which[chosen]] + _UNKNOWN
    lost = clean.take(chosen)
    lost_text = lost.text.set_column(0, "payment_id", whole(unknown * _PLACES)).set_column(
        1, "invoice_id", whole(unknown)
    )
    orphans = Rows(lost_text, lost.day, lost.order + 1, np.zeros(len(chosen), bool))
    defects.note("orphan_payment", FLAGGED, keys=orphans.keys(SHAPE.keys), days=orphans.day, flag="is_known_invoice")
    return clean.plus(orphans)


# The last of three attempts, and the money given back long after it.
STREAM = Stream(table="club.payments", shape=SHAPE, rows=rows, ahead=40)
