"""What sells when: by time of year, day of the week, and whether the buyer has just trained."""

from __future__ import annotations

from datetime import date

import numpy as np

from data_gen.shop.products import APPAREL, CATEGORIES, CATEGORY_OF, JUICE_BAR, PRODUCTS, SUPPLEMENTS

# Parts of the lines by category: of who only looked in, and of who has trained.
_SHARES = np.array([[0.40, 0.12, 0.38, 0.10], [0.55, 0.12, 0.27, 0.06]])
# How much more (or less) of a product sells at the height of summer.
_SUMMER = {
    "Green Smoothie": 0.35, "Mango Smoothie": 0.5, "Berry Smoothie": 0.4, "Orange Juice": 0.3, "Still Water": 0.4,
    "Electrolytes 20 tablets": 0.5, "Tank Top": 0.45, "Training Shorts": 0.35, "Cap": 0.3,
    "Espresso": -0.25, "Hot Ginger Tea": -0.8, "Hoodie": -0.6, "Leggings": -0.2, "Multivitamin 60 tablets": -0.35,
}  # fmt: skip
_SHAKE = np.array(["Shake" in product.name for product in PRODUCTS])
_MIDSUMMER, _NEW_YEAR, _GIFTS = 196, 10, 340
_YEAR = 365.25


def line_weights(on: date) -> np.ndarray:
    """(2, products): the part of each product in the lines of that day, untrained and trained; each row sums to 1."""
    day = on.timetuple().tm_yday
    category = _SHARES.copy()
    category[:, JUICE_BAR] *= 1 + 0.20 * _height(day, _MIDSUMMER)
    category[:, SUPPLEMENTS] *= 1 + 0.35 * _height(day, _NEW_YEAR)
    category[:, APPAREL] *= 1 + 1.2 * _bump(day, _NEW_YEAR, 20) + 0.6 * _bump(day, _GIFTS, 12)
    popularity = np.array([product.popularity for product in PRODUCTS], float)
    popularity /= np.bincount(CATEGORY_OF, weights=popularity, minlength=len(CATEGORIES))[CATEGORY_OF]
    summer = np.array([_SUMMER.get(product.name, 0.0) for product in PRODUCTS])
    product = popularity * (1 + summer * _height(day, _MIDSUMMER))
    weekday = 1.15 if on.weekday() < 4 else 0.80
    weights = category[:, CATEGORY_OF] * product
    weights *= np.where(_SHAKE, weekday * np.array([[0.6], [1.7]]), 1.0)
    return weights / weights.sum(axis=1, keepdims=True)


def _height(day: int, peak: int) -> float:
    """1 on the peak's day of the year, -1 half a year later."""
    return float(np.cos(2 * np.pi * (day - peak) / _YEAR))


def _bump(day: int, peak: int, width: float) -> float:
    """1 on the peak's day, next to nothing two widths away."""
    away = abs(day - peak)
    return float(np.exp(-((min(away, _YEAR - away) / width) ** 2)))
