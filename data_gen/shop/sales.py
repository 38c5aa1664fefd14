"""What the tills export of the receipts: their lines, some with a number of the product that needs reading twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_gen.chain.days import Days
from data_gen.chain.parameters import FIRST_UNKNOWN_USER_ID, GYMS
from data_gen.shop.products import PRODUCTS
from data_gen.shop.receipts import NOBODY, Sold, sold
from data_gen.shop.spellings import UNMAPPED, misspelt
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import FLAGGED, QUARANTINED, TOLERATED
from data_gen.writing.rows import Rows, cents_text, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

TABLE = "shop.sales"
SHAPE = Shape(
    table=TABLE,
    keys=("sale_id", "line_number", "sold_at"),
    must=("sale_id", "line_number", "sold_at"),
    broken=(("quantity", "two"), ("unit_price", "free"), ("sold_at", "yesterday")),
)
_SKUS = pa.array([product.sku for product in PRODUCTS])
# Parts of 100 000.
_TAX = {"NY": 8_875, "AZ": 8_600, "HI": 4_712}
_TAX_AT = np.array([_TAX[gym.state] for gym in GYMS])
_VOIDED_LINES = 10  # A line that the till took back carries its number plus this.


@dataclass(frozen=True)
class Exported:
    """The clean lines, which of them nobody can map to a product, all rows to write, and what is wrong with them."""

    lines: Sold
    is_unmapped: np.ndarray
    rows: Rows
    defects: Defects


def exported(world: World, days: Days) -> Exported:
    """A stretch's sales as the tills export them."""
    lines, defects = world.made(sold, days), world.defects(TABLE, days)
    dice, n = defects.dice, len(lines)
    counts = [defects.count(kind, n) for kind in ("sku_variant", "unmapped_sku", "non_positive_quantity")]
    variant, unmapped, voided, rest = np.split(dice.permutation(n), np.minimum(np.cumsum(counts), n))
    # A card stands on each line of a receipt, so only those of one line get a wrong one.
    alone = rest[(lines.member[rest] == NOBODY) & (lines.lines[rest] == 1)]
    strange = alone[: defects.count("unknown_member", n)]

    sku = pick(_SKUS, lines.product)
    sku = _replaced(sku, variant, misspelt(lines.product[variant], dice.random(len(variant))))
    sku = _replaced(sku, unmapped, pick(list(UNMAPPED), dice.integers(0, len(UNMAPPED), len(unmapped))))
    member_id = np.where(lines.member == NOBODY, 0, world.members.user_id[lines.member])
    member_id[strange] = FIRST_UNKNOWN_USER_ID + lines.sale_id[strange] % 50_000
    tax = (lines.net * _TAX_AT[lines.gym] + 50_000) // 100_000
    text = pa.table(
        {
            "sale_id": whole(lines.sale_id),
            "line_number": whole(lines.line_number),
            "gym": whole(np.array([gym.number for gym in GYMS])[lines.gym]),
            "till": whole(lines.till),
            "sold_at": utc_text(lines.sold_at),
            "member_id": whole(member_id, missing=member_id == 0),
            "sku": sku,
            "quantity": whole(lines.quantity),
            "unit_price": cents_text(lines.price),
            "discount": cents_text(lines.discount),
            "tax": cents_text(tax),
            "currency": pa.repeat(pa.scalar("USD"), n),
        }
    )
    is_free = np.zeros(n, bool)
    is_free[rest] = True
    is_free[strange] = False
    rows = Rows(text, world.chain.day_of(lines.sold_at), lines.sold_at, is_free)
    rows = rows.plus(_voided(rows.take(voided), lines.where(voided)))
    for kind, at, caught_as, why in (
        ("sku_variant", variant, TOLERATED, {}),
        ("unmapped_sku", unmapped, FLAGGED, {"flag": "is_unmapped_sku"}),
        ("unknown_member", strange, FLAGGED, {"flag": "is_known_member"}),
        ("non_positive_quantity", np.arange(n, len(rows)), QUARANTINED, {"rule": "non_positive_quantity"}),
    ):
        found = rows.take(at)
        defects.note(kind, caught_as, keys=found.keys(SHAPE.keys), days=found.day, **why)
    is_unmapped = np.zeros(n, bool)
    is_unmapped[unmapped] = True
    return Exported(lines, is_unmapped, rows, defects)


def _voided(rows: Rows, lines: Sold) -> Rows:
    """Lines that a till took back: of no pieces, or of fewer than none."""
    text = rows.text
    for column, values in (
        ("line_number", whole(lines.line_number + _VOIDED_LINES)),
        ("quantity", whole(np.where(np.arange(len(lines)) % 2 == 0, -lines.quantity, 0))),
        ("discount", cents_text(np.zeros(len(lines), np.int64))),
        ("tax", cents_text(np.zeros(len(lines), np.int64))),
    ):
        text = text.set_column(text.column_names.index(column), column, values)
    return Rows(text, rows.day, rows.order, np.zeros(len(lines), bool))


def _replaced(texts: pa.Array, at: np.ndarray, by: pa.Array) -> pa.Array:
    """The texts with others at these positions."""
    which = np.zeros(len(texts), bool)
    which[at] = True
    return pc.replace_with_mask(texts, pa.array(which), by.take(pa.array(np.argsort(at))))


def _rows(world: World, days: Days, defects: Defects) -> Rows:
    made = world.made(exported, days)
    defects.include(made.defects)
    return made.rows


STREAM = Stream(table=TABLE, shape=SHAPE, rows=_rows, ahead=2)
