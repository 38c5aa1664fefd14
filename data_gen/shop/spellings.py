"""How tills write the number of a product: as it is, in one of many spellings, or as something nobody can map."""

from __future__ import annotations

from functools import lru_cache
from itertools import product as every

import numpy as np
import pyarrow as pa

from data_gen.shop.products import PRODUCTS

_SEPARATORS = ("-", " ", "_", ".", "")
_SIZES = ("XS", "S", "M", "L", "XL", "XXL")
# Names that keys of an older till still print.
_OLD_NAMES = {
    "JB-0101": ("SHAKE", "SHAKE-VAN", "SHAKE VANILLA", "Shake Van."),
    "JB-0102": ("SHAKE-CHOC", "SHAKE CHOCOLATE", "Shake Choc."),
    "JB-0112": ("WATER", "Water"),
    "SU-0201": ("WHEY", "WHEY-VAN", "WHEY VANILLA"),
    "SU-0202": ("WHEY-CHOC", "WHEY CHOCOLATE"),
    "SU-0204": ("CREA", "CREATINE", "Creatine"),
}
UNMAPPED = ("MISC", "OPEN ITEM", "GIFT-CARD", "KEY-17", "4006381333931", "JB-0999", "AP-0477-M", "SHAKER")


def spellings_of(sku: str) -> list[str]:
    """Every spelling of a product's number other than its own."""
    prefix, number = sku.split("-")
    bare = number.lstrip("0")
    numbers = dict.fromkeys(
        (number, bare, f"00{number}", number.replace("0", "O"), bare.replace("0", "O"), number.replace("0", "O", 1))
    )
    sizes = [""]
    if prefix == "AP":
        sizes += [f"{separator}{size}" for size in _SIZES for separator in ("-", " ", "")]
    written = []
    for separator, digits, size in every(_SEPARATORS, numbers, sizes):
        upper = f"{prefix}{separator}{digits}{size}"
        for cased in (upper, upper.lower(), upper.capitalize()):
            written += [cased, f" {cased}", f"{cased}  "]
    written += [*_OLD_NAMES.get(sku, ()), *(name.lower() for name in _OLD_NAMES.get(sku, ()))]
    return [text for text in dict.fromkeys(written) if text != sku]


@lru_cache(maxsize=1)
def _pool() -> tuple[pa.Array, np.ndarray, np.ndarray]:
    """All spellings, and by product where its own begin and how many they are."""
    lists = [spellings_of(product.sku) for product in PRODUCTS]
    sizes = np.array([len(texts) for texts in lists])
    return pa.array([text for texts in lists for text in texts]), np.cumsum(sizes) - sizes, sizes


def misspelt(product: np.ndarray, chance: np.ndarray) -> pa.Array:
    """A spelling of each of these products (positions), never its own number; by a chance in [0, 1)."""
    texts, first, count = _pool()
    return texts.take(pa.array(first[product] + (chance * count[product]).astype(np.int64)))
