"""The shops' true revenue: what was sold less what was given back, each on its own local date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.answer_key.truth_table import Truth
from data_gen.chain.days import Days
from data_gen.chain.gym_time import gym_date
from data_gen.chain.parameters import GYMS
from data_gen.shop.products import PRODUCTS
from data_gen.shop.refunds import refunded
from data_gen.shop.sales import exported

if TYPE_CHECKING:
    from data_gen.chain.world import World

_NO_PRODUCT = ""


def _pieces(world: World, days: Days) -> pa.Table:
    """(date, gym, sku; quantity, net_cents): a sale counts where and when it was made, a refund at the sale's gym."""
    made, back = world.made(exported, days), world.made(refunded, days)
    lines = made.lines
    gym = np.concatenate([lines.gym, lines.gym[back.line]])
    at = np.concatenate([lines.sold_at, back.refunded_at])
    skus = pa.array([product.sku for product in PRODUCTS] + [_NO_PRODUCT])
    product = np.where(made.is_unmapped, len(PRODUCTS), lines.product)
    return pa.table(
        {
            "date": gym_date(gym, at),
            "gym": np.array([each.number for each in GYMS])[gym],
            "sku": skus.take(pa.array(np.concatenate([product, product[back.line]]))),
            "quantity": np.concatenate([lines.quantity, -back.quantity]),
            "net_cents": np.concatenate([lines.net, -back.cents]),
        }
    )


TRUTH = Truth(name="shop_revenue", keys=("date", "gym", "sku"), measures=("quantity", "net_cents"), pieces=_pieces)
