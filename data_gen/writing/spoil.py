"""The defects that every table can have: rows twice, rows late, values of a wrong type, keys missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_gen.chain.parameters import DAY
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import DUPLICATE, LATE, REJECTED
from data_gen.writing.rows import Rows

LATEST = 3  # Days that a late row is late, at most.


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


def spoil(shape: Shape, rows: Rows, defects: Defects, last_day: int) -> Rows:
    """The rows with the common defects among the free ones; the extra rows stand at the end.

    Every row gets one defect at most. Broken and keyless rows are extra: damaged copies of good rows. So the truth of
    the others stays. Nothing arrives after `last_day`.
    """
    free = defects.dice.permutation(np.flatnonzero(rows.is_free))
    late = free[rows.day[free] < last_day][: defects.count("late_row", len(rows))]
    free = free[~np.isin(free, late)]
    rows = _late(shape, rows, late, defects, last_day)

    variants = [("exact_duplicate", None, None)]
    variants += [("broken_type", column, value) for column, value in shape.broken]
    variants += [("missing_key", column, shape.nothing) for column in shape.must]
    extra = []
    for kind, column, value in variants:
        chosen, free = np.split(free, [min(defects.count(kind, len(rows)), len(free))])
        copies = rows.take(chosen)
        if kind == "exact_duplicate":
            extra.append(_again(shape, copies, defects, last_day))
        else:
            defects.note(kind, REJECTED, keys=copies.keys(shape.keys), days=copies.day, column=column)
            extra.append(copies.with_column(column, value))
    return rows.plus(*extra)


def _late(shape: Shape, rows: Rows, late: np.ndarray, defects: Defects, last_day: int) -> Rows:
    day = rows.day.copy()
    day[late] = np.minimum(day[late] + defects.dice.integers(1, LATEST + 1, len(late)), last_day)
    defects.note("late_row", LATE, keys=rows.take(late).keys(shape.keys), days=day[late])
    return Rows(rows.text, day, rows.order, rows.is_free)


def _again(shape: Shape, copies: Rows, defects: Defects, last_day: int) -> Rows:
    later = defects.dice.integers(0, 3, len(copies)) // 2
    again = Rows(
        copies.text,
        np.minimum(copies.day + later, last_day),
        copies.order + defects.dice.integers(1, DAY // 24, len(copies)),
    )
    defects.note("exact_duplicate", DUPLICATE, keys=copies.keys(shape.keys), days=again.day)
    return again
