"""Receipts of the shops: who buys what on the way out, by season, habit and what is used up at home."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from data_gen.chain.days import Days
from data_gen.chain.parameters import Parameters
from data_gen.chain.traits import chance
from data_gen.shop.products import CATEGORIES, CATEGORY_OF, PRODUCTS, SUPPLEMENTS, price_at
from data_gen.shop.seasons import line_weights

if TYPE_CHECKING:
    from data_gen.chain.world import World

NOBODY = -1
RECEIPTS_A_DAY = 1_000_000  # Numbers kept free for each day; far fewer are used.
_BUYS = 0.16
_SHOWS_CARD = 0.70
_PASSERS_BY = 0.04
_SECOND_LINE, _THIRD_LINE = 0.35, 0.30
_TAKES_FAVOURITE = 0.45
# Some use one supplement all the time, buy it again about every 30 days, and do so within a few days of running out.
_REGULARS = 0.30
_SHORTEST_CYCLE, _CYCLES = 27, 7
_DUE_DAYS = 6
_BUYS_WHEN_DUE = 0.6


@dataclass(frozen=True)
class Sold:
    """One element a line of a receipt, by day and time. `member` (or `NOBODY`), `gym`, `product` are positions.

    Times are UTC seconds, money is in cents without tax; `date` is the local date (index) of the visit.
    """

    sale_id: np.ndarray
    line_number: np.ndarray
    lines: np.ndarray  # of the whole receipt
    date: np.ndarray
    gym: np.ndarray
    till: np.ndarray
    sold_at: np.ndarray
    member: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    price: np.ndarray
    discount: np.ndarray

    def __len__(self) -> int:
        return len(self.sale_id)

    @property
    def net(self) -> np.ndarray:
        """Cents paid for each line, without tax."""
        return self.quantity * self.price - self.discount

    def where(self, chosen: np.ndarray) -> Sold:
        """The chosen lines (a mask or positions)."""
        return Sold(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def sold(world: World, days: Days) -> Sold:
    """All lines sold on these local dates; each within the stay of the visitor who bought."""
    chain, visits = world.chain, world.visits(days)
    dice, n = chain.dice("receipts", days.number), len(visits)
    is_due = _buys_again(chain, visits.member, visits.date, dice.random(n) < _BUYS_WHEN_DUE)
    buys = is_due | (dice.random(n) < _BUYS)
    shows_card = is_due | (dice.random(n) < _SHOWS_CARD)
    leaving = visits.logout - dice.integers(30, 240, n)
    # Guests buy while members are in the house, at any time of it.
    passes = np.flatnonzero(dice.random(n) < _PASSERS_BY)
    passing = visits.login[passes] + (
        (visits.logout[passes] - visits.login[passes]) * dice.uniform(0.05, 0.95, len(passes))
    ).astype(np.int64)

    bought = np.flatnonzero(buys)
    visit = np.concatenate([bought, passes])
    at = np.concatenate([leaving[bought], passing])
    is_guest = np.arange(len(visit)) >= len(bought)
    order = np.lexsort((at, visits.date[visit]))
    visit, at, is_guest = visit[order], at[order], is_guest[order]
    date = visits.date[visit]
    sale_id = (date + 1) * RECEIPTS_A_DAY + 1 + np.arange(len(date)) - np.searchsorted(date, date)
    till = 1 + dice.integers(0, 2, len(visit))
    second = dice.random(len(visit)) < _SECOND_LINE
    lines = 1 + second + (second & (dice.random(len(visit)) < _THIRD_LINE))

    receipt = np.repeat(np.arange(len(visit)), lines)
    line_number = np.arange(len(receipt)) - np.repeat(np.cumsum(lines) - lines, lines) + 1
    buyer = np.where(is_guest, NOBODY, visits.member[visit])[receipt]
    trained = (visits.start[visit, 0] > 0)[receipt] & (buyer != NOBODY)
    product = _products(world, dice, days, date[receipt], trained)
    likes = (buyer != NOBODY) & (dice.random(len(receipt)) < _TAKES_FAVOURITE)
    product[likes] = favourite(chain, buyer[likes], CATEGORY_OF[product[likes]])
    due = (line_number == 1) & (buyer != NOBODY) & is_due[visit][receipt]
    product[due] = favourite(chain, buyer[due], np.full(int(due.sum()), SUPPLEMENTS))

    quantity = 1 + (dice.random(len(receipt)) < 0.10) + (dice.random(len(receipt)) < 0.03)
    quantity[due] = 1
    sold_at = at[receipt]
    price = price_at(chain, product, sold_at)
    tenth = (quantity * price + 5) // 10
    return Sold(
        sale_id=sale_id[receipt],
        line_number=line_number,
        lines=lines[receipt],
        date=date[receipt],
        gym=visits.gym[visit][receipt],
        till=till[receipt],
        sold_at=sold_at,
        member=np.where(shows_card[visit][receipt], buyer, NOBODY),
        product=product,
        quantity=quantity,
        price=price,
        discount=np.where(dice.random(len(receipt)) < 0.06, tenth, 0),
    )


def favourite(chain: Parameters, member: np.ndarray, category: np.ndarray) -> np.ndarray:
    """The product that each member likes best in a category (both positions), drawn by popularity."""
    liked = np.zeros(len(member), np.int64)
    for position, name in enumerate(CATEGORIES):
        here = category == position
        products = np.flatnonzero(position == CATEGORY_OF)
        popularity = np.cumsum([PRODUCTS[product].popularity for product in products])
        drawn = chance(chain, f"favourite {name}", member[here]) * popularity[-1]
        liked[here] = products[np.searchsorted(popularity, drawn, side="right")]
    return liked


def runs_out(chain: Parameters, member: np.ndarray, date: np.ndarray) -> np.ndarray:
    """The number of the cycle in whose first days a member's own supplement is used up on that date (index), or -1."""
    is_regular = chance(chain, "supplement regular", member) < _REGULARS
    length = _SHORTEST_CYCLE + (chance(chain, "supplement cycle", member) * _CYCLES).astype(np.int64)
    phase = (chance(chain, "supplement phase", member) * length).astype(np.int64)
    cycle, day = np.divmod(date + phase, length)
    return np.where(is_regular & (day < _DUE_DAYS), cycle, -1)


def _buys_again(chain: Parameters, member: np.ndarray, date: np.ndarray, wants: np.ndarray) -> np.ndarray:
    """On which of these visits, by member and time, the own supplement is bought: once a cycle within a stretch."""
    cycle = runs_out(chain, member, date)
    due = np.flatnonzero((cycle >= 0) & wants)
    _, first = np.unique(member[due] * np.int64(2**20) + cycle[due], return_index=True)
    buys = np.zeros(len(member), bool)
    buys[due[first]] = True
    return buys


def _products(world: World, dice: np.random.Generator, days: Days, date: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """A product for each line, by the day's weights."""
    cumulated = np.stack([np.cumsum(line_weights(world.chain.date_of(day)), axis=1) for day in days])
    drawn = dice.random(len(date))
    product = np.zeros(len(date), np.int64)
    for (day, has_trained), weights in zip(np.ndindex(len(days), 2), cumulated.reshape(-1, len(PRODUCTS)), strict=True):
        here = (date == days.first + day) & (trained == bool(has_trained))
        product[here] = np.searchsorted(weights[:-1], drawn[here], side="right")
    return product
