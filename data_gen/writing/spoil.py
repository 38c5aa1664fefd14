"""The defects that every table can have: rows twice, rows late, values of a wrong type, keys missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_gen.chain.parameters import DAY
from data_gen.writing.ledger import DUPLICATE, LATE, REJECTED, Ledger
from data_gen.writing.rows import Rows


@dataclass(frozen=True)
class Shape:
    """What spoiling has to know of a table: its key, and (column, value) pairs that cannot be typed.

    `nothing` is how its format writes a missing value. `must` are the columns without which a row is rejected.
    """

    table: str
    keys: tuple[str, ...]
    must: tuple[str, ...]
    broken: tuple[tuple[str, str], ...]
    nothing: str | None = None


class Spoiler:
    """Spoils the rows of one table; every row gets one defect at most, and its clean original stays where it was."""

    def __init__(self, shape: Shape, last_day: int, dice: np.random.Generator, ledger: Ledger):
        self.shape, self.last_day, self.dice, self.ledger = shape, last_day, dice, ledger

    def spoil(self, rows: Rows, is_free: np.ndarray, counts: dict[str, int]) -> Rows:
        """The rows with `counts` defects of each kind among the free ones; the extra rows stand at the end.

        Broken and keyless rows are extra: damaged copies of good rows. So the truth of the others stays.
        """
        free = self.dice.permutation(np.flatnonzero(is_free))
        can_be_late = free[rows.day[free] < self.last_day]
        late = can_be_late[: counts.get("late_row", 0)]
        free = free[~np.isin(free, late)]
        rows = self._late(rows, late)

        variants = [("exact_duplicate", None, None)]
        variants += [("broken_type", column, value) for column, value in self.shape.broken]
        variants += [("missing_key", column, self.shape.nothing) for column in self.shape.must]
        extra = []
        for kind, column, value in variants:
            chosen, free = np.split(free, [min(counts.get(kind, 0), len(free))])
            copies = rows.take(chosen)
            if kind == "exact_duplicate":
                extra.append(self._again(copies))
            else:
                extra.append(self._damaged(kind, copies, column, value))
        return rows.plus(*extra)

    def _late(self, rows: Rows, late: np.ndarray) -> Rows:
        day = rows.day.copy()
        day[late] = np.minimum(day[late] + self.dice.integers(1, 4, len(late)), self.last_day)
        self.ledger.add("late_row", self.shape.table, LATE, keys=rows.take(late).keys(self.shape.keys), days=day[late])
        return Rows(rows.text, day, rows.order)

    def _again(self, copies: Rows) -> Rows:
        later = self.dice.integers(0, 3, len(copies)) // 2
        again = Rows(
            copies.text,
            np.minimum(copies.day + later, self.last_day).astype(np.int32),
            copies.order + self.dice.integers(1, DAY // 24, len(copies)),
        )
        self.ledger.add(
            "exact_duplicate", self.shape.table, DUPLICATE, keys=copies.keys(self.shape.keys), days=again.day
        )
        return again

    def _damaged(self, kind: str, copies: Rows, column: str, value: str | None) -> Rows:
        keys = copies.keys(self.shape.keys)
        self.ledger.add(kind, self.shape.table, REJECTED, keys=keys, days=copies.day, column=column)
        return copies.with_column(column, value)


def counts_for(plan, kinds: tuple[str, ...], rows: int) -> dict[str, int]:
    """How many of each of these kinds a table of `rows` rows gets."""
    return {kind: plan.count(kind, rows) for kind in kinds}


COMMON_KINDS = ("exact_duplicate", "late_row", "broken_type", "missing_key")
