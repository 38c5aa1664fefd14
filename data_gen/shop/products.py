"""What the shops sell: the list of products and its one change of a price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, Parameters
from data_gen.writing.defects import Defects
from data_gen.writing.rows import Rows, cents_text, utc_text
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World


@dataclass(frozen=True)
class Product:
    """One product. Money is in cents without tax; `popularity` weighs it within its category."""

    sku: str
    name: str
    category: str
    price: int
    cost: int
    popularity: int


CATEGORIES = ("juice_bar", "supplements", "snacks", "apparel")
JUICE_BAR, SUPPLEMENTS, SNACKS, APPAREL = range(4)
# fmt: off
PRODUCTS = (
    Product("JB-0101", "Protein Shake Vanilla", "juice_bar", 690, 185, 20),
    Product("JB-0102", "Protein Shake Chocolate", "juice_bar", 690, 190, 17),
    Product("JB-0103", "Protein Shake Strawberry", "juice_bar", 690, 190, 9),
    Product("JB-0104", "Recovery Shake Banana Oat", "juice_bar", 790, 225, 11),
    Product("JB-0105", "Green Smoothie", "juice_bar", 750, 240, 8),
    Product("JB-0106", "Mango Smoothie", "juice_bar", 720, 230, 7),
    Product("JB-0107", "Berry Smoothie", "juice_bar", 740, 245, 7),
    Product("JB-0108", "Orange Juice", "juice_bar", 520, 160, 6),
    Product("JB-0109", "Carrot Ginger Juice", "juice_bar", 540, 165, 4),
    Product("JB-0110", "Espresso", "juice_bar", 320, 45, 12),
    Product("JB-0111", "Hot Ginger Tea", "juice_bar", 380, 50, 4),
    Product("JB-0112", "Still Water", "juice_bar", 220, 35, 16),
    Product("SU-0201", "Whey Vanilla 1 kg", "supplements", 4290, 2150, 14),
    Product("SU-0202", "Whey Chocolate 1 kg", "supplements", 4290, 2150, 12),
    Product("SU-0203", "Vegan Protein 1 kg", "supplements", 4490, 2300, 8),
    Product("SU-0204", "Creatine 500 g", "supplements", 2790, 1120, 11),
    Product("SU-0205", "Pre-Workout 300 g", "supplements", 3290, 1350, 9),
    Product("SU-0206", "BCAA 400 g", "supplements", 2990, 1240, 7),
    Product("SU-0207", "Electrolytes 20 tablets", "supplements", 1190, 380, 10),
    Product("SU-0208", "Omega 3 90 capsules", "supplements", 1890, 690, 6),
    Product("SU-0209", "Multivitamin 60 tablets", "supplements", 1590, 520, 8),
    Product("SU-0210", "Magnesium 90 capsules", "supplements", 1490, 470, 7),
    Product("SN-0301", "Protein Bar Peanut", "snacks", 350, 140, 14),
    Product("SN-0302", "Protein Bar Cocoa", "snacks", 350, 140, 12),
    Product("SN-0303", "Oat Bar", "snacks", 260, 90, 9),
    Product("SN-0304", "Nut Mix", "snacks", 420, 180, 8),
    Product("SN-0305", "Rice Cakes", "snacks", 240, 70, 5),
    Product("SN-0306", "Banana", "snacks", 110, 35, 12),
    Product("SN-0307", "Apple", "snacks", 110, 35, 8),
    Product("SN-0308", "Protein Cookie", "snacks", 390, 150, 10),
    Product("SN-0309", "Beef Jerky", "snacks", 590, 290, 6),
    Product("AP-0401", "Club T-Shirt", "apparel", 2490, 780, 14),
    Product("AP-0402", "Tank Top", "apparel", 2290, 690, 9),
    Product("AP-0403", "Training Shorts", "apparel", 3290, 1120, 10),
    Product("AP-0404", "Leggings", "apparel", 4490, 1580, 9),
    Product("AP-0405", "Hoodie", "apparel", 5490, 2100, 8),
    Product("AP-0406", "Socks Pair", "apparel", 990, 260, 13),
    Product("AP-0407", "Lifting Gloves", "apparel", 1990, 640, 9),
    Product("AP-0408", "Cap", "apparel", 1790, 520, 7),
    Product("AP-0409", "Sports Towel", "apparel", 1490, 410, 12),
)
# fmt: on
CATEGORY_OF = np.array([CATEGORIES.index(product.category) for product in PRODUCTS])
# One price rises once, in the night after this part of the period.
_DEARER = next(at for at, product in enumerate(PRODUCTS) if product.name == "Whey Vanilla 1 kg")
_DEARER_BY = 300
_DEARER_AFTER = 0.4


def raised_on(chain: Parameters) -> int:
    """The day from whose begin (UTC) on the dearer product costs more."""
    return max(1, int(chain.days * _DEARER_AFTER))


def price_at(chain: Parameters, product: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Shelf prices in cents of the products at these positions at these times."""
    prices = np.array([each.price for each in PRODUCTS], np.int64)
    is_dearer = (product == _DEARER) & (seconds >= chain.begin + raised_on(chain) * DAY)
    return prices[product] + np.where(is_dearer, _DEARER_BY, 0)


def _rows(world: World, days: Days, defects: Defects) -> Rows:
    """The whole list on day 0; on the day of the new price, that product again."""
    chain, raised = world.chain, raised_on(world.chain)
    all_on_first = np.arange(len(PRODUCTS) if days.is_first else 0)
    dearer = np.full(int(days.first <= raised < days.behind), _DEARER)
    again = _listed(chain, dearer, chain.begin + raised * DAY)
    defects.repeat(again.day)
    return _listed(chain, all_on_first, chain.begin - 30 * DAY).plus(again)


def _listed(chain: Parameters, product: np.ndarray, at: int) -> Rows:
    """The rows of these products (positions) as they were changed at that moment."""
    moments = np.full(len(product), at)
    each = [PRODUCTS[position] for position in product]
    text = pa.table(
        {
            "sku": pa.array([one.sku for one in each], pa.string()),
            "product_name": pa.array([one.name for one in each], pa.string()),
            "product_category": pa.array([one.category for one in each], pa.string()),
            "price": cents_text(price_at(chain, product, moments)),
            "cost": cents_text(np.array([one.cost for one in each], np.int64)),
            "currency": pa.repeat(pa.scalar("USD"), len(product)),
            "updated_at": utc_text(moments),
        }
    )
    return Rows(text, chain.day_of(moments), product)


STREAM = Stream(
    table="shop.products",
    shape=Shape(
        table="shop.products",
        keys=("sku", "updated_at"),
        must=("sku", "updated_at"),
        broken=(("price", "ask"), ("updated_at", "2025-02-30")),
    ),
    rows=_rows,
)
