"""What members bring back to the shops, up to two weeks after they bought it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY
from data_gen.shop.products import APPAREL, CATEGORY_OF, SUPPLEMENTS
from data_gen.shop.sales import exported
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import FLAGGED
from data_gen.writing.rows import Rows, cents_text, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

TABLE = "shop.refunds"
SHAPE = Shape(
    table=TABLE,
    keys=("refund_id", "sale_id", "line_number"),
    must=("refund_id", "sale_id", "line_number"),
    broken=(("amount", "all of it"), ("refunded_at", "2025-02-30")),
)
REASONS = ["damaged", "wrong_size", "unopened", "other"]
# By category: juice bar, supplements, snacks, apparel.
_GIVEN_BACK = np.array([0.003, 0.03, 0.006, 0.06])
_LONGEST_DAYS = 14
# No till prints numbers of receipts from here on.
_FIRST_UNKNOWN_SALE_ID = 9_000_000_000_000
_LINES = 4  # More than a receipt has: numbers of refunds are made of the sale's and the line's.


@dataclass(frozen=True)
class Refunded:
    """One element a line given back, by time. `line` is its position among the stretch's lines sold."""

    line: np.ndarray
    refunded_at: np.ndarray
    quantity: np.ndarray
    cents: np.ndarray
    reason: np.ndarray

    def __len__(self) -> int:
        return len(self.line)

    def where(self, chosen: np.ndarray) -> Refunded:
        """The chosen refunds (a mask or positions)."""
        return Refunded(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def refunded(world: World, days: Days) -> Refunded:
    """What is given back of the lines sold on these days, before the chain's end."""
    lines, dice = world.made(exported, days).lines, world.chain.dice("refunds", days.number)
    category = CATEGORY_OF[lines.product]
    line = np.flatnonzero(dice.random(len(lines)) < _GIVEN_BACK[category])
    n, category, bought = len(line), category[line], lines.quantity[line]
    # Food is handed back at once; the rest on a later day at about the same time of day.
    lasts = (category == SUPPLEMENTS) | (category == APPAREL)
    days_later = np.where(lasts, dice.integers(0, _LONGEST_DAYS, n), 0)
    refunded_at = lines.sold_at[line] + days_later * DAY + dice.integers(60, 3600, n)
    quantity = np.where(dice.random(n) < 0.7, bought, 1)
    drawn = dice.random(n)
    reason = np.where(
        category == APPAREL,
        np.where(drawn < 0.7, REASONS.index("wrong_size"), REASONS.index("other")),
        np.where(
            (category == SUPPLEMENTS) & (drawn < 0.6),
            REASONS.index("unopened"),
            np.where(drawn < 0.85, REASONS.index("damaged"), REASONS.index("other")),
        ),
    )
    made = Refunded(line, refunded_at, quantity, lines.net[line] * quantity // bought, reason)
    return made.where(np.argsort(refunded_at, kind="stable")).where(np.sort(refunded_at) < world.chain.end)


def _rows(world: World, days: Days, defects: Defects) -> Rows:
    made, lines = world.made(refunded, days), world.made(exported, days).lines
    sale_id, line_number = lines.sale_id[made.line], lines.line_number[made.line]
    rows = _text(world, made, sale_id * _LINES + line_number, sale_id, line_number)
    orphans = made.where(defects.dice.permutation(len(made))[: defects.count("orphan_refund", len(made))])
    numbers = _FIRST_UNKNOWN_SALE_ID + lines.sale_id[orphans.line] * _LINES + lines.line_number[orphans.line]
    extra = _text(world, orphans, numbers, numbers, np.ones(len(orphans), np.int64))
    defects.note("orphan_refund", FLAGGED, keys=extra.keys(SHAPE.keys), days=extra.day, flag="is_known_sale")
    return rows.plus(extra.free(np.zeros(len(extra), bool)))


def _text(world: World, refunds: Refunded, refund_id: np.ndarray, sale_id: np.ndarray, line_number: np.ndarray) -> Rows:
    text = pa.table(
        {
            "refund_id": whole(refund_id),
            "sale_id": whole(sale_id),
            "line_number": whole(line_number),
            "refunded_at": utc_text(refunds.refunded_at),
            "quantity": whole(refunds.quantity),
            "amount": cents_text(refunds.cents),
            "currency": pa.repeat(pa.scalar("USD"), len(refunds)),
            "reason": pick(REASONS, refunds.reason),
        }
    )
    return Rows(text, world.chain.day_of(refunds.refunded_at), refunds.refunded_at)


STREAM = Stream(table=TABLE, shape=SHAPE, rows=_rows, ahead=_LONGEST_DAYS + 1)
