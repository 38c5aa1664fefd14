"""Rows of one table as the text that will be written, and the vectorised building of that text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Rows:
    """Text columns, the day (position) in whose file each row arrives, and its order within that day."""

    text: pa.Table
    day: np.ndarray
    order: np.ndarray

    def __len__(self) -> int:
        return self.text.num_rows

    def take(self, positions: np.ndarray) -> Rows:
        """The rows at these positions."""
        return Rows(self.text.take(pa.array(positions)), self.day[positions], self.order[positions])

    def plus(self, *others: Rows) -> Rows:
        """These rows, then those of `others`."""
        every = (self, *others)
        return Rows(
            pa.concat_tables([rows.text for rows in every]).combine_chunks(),
            np.concatenate([rows.day for rows in every]),
            np.concatenate([rows.order for rows in every]),
        )

    def with_column(self, column: str, value: str | None) -> Rows:
        """The same rows with `value` in every row of `column`."""
        filled = pa.repeat(pa.scalar(value, pa.string()), len(self))
        return Rows(self.text.set_column(self.text.column_names.index(column), column, filled), self.day, self.order)

    def arranged(self) -> Rows:
        """The rows by day and order of arrival."""
        return self.take(np.lexsort((self.order, self.day)))

    def on(self, day: int) -> Rows:
        """The rows of one day, of rows that are `arranged`."""
        first, behind = np.searchsorted(self.day, [day, day + 1])
        return Rows(self.text.slice(first, behind - first), self.day[first:behind], self.order[first:behind])

    def keys(self, columns: tuple[str, ...]) -> pa.Table:
        """These columns, to name rows in the answer key."""
        return self.text.select(columns)


def whole(numbers: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Integers as text; null where `missing`."""
    return pa.array(np.asarray(numbers, np.int64), mask=missing).cast(pa.string())


def decimal(numbers: np.ndarray, digits: int) -> pa.Array:
    """Numbers as text with at most `digits` decimals."""
    return pa.array(np.round(np.asarray(numbers, np.float64), digits)).cast(pa.string())


def pick(pool: list[str] | pa.Array, positions: np.ndarray) -> pa.Array:
    """The text at each position of `pool`."""
    return pa.array(pool).take(pa.array(positions)) if isinstance(pool, list) else pool.take(pa.array(positions))


def joined(*parts, between: str = "") -> pa.Array:
    """Columns and constants glued row by row; a missing value gives nothing."""
    columns = [part.combine_chunks() if isinstance(part, pa.ChunkedArray) else part for part in parts]
    return pc.binary_join_element_wise(*columns, between, null_handling="replace", null_replacement="")


def json_text(column: pa.Array) -> pa.Array:
    """Text as JSON strings."""
    return joined('"', _escaped(column), '"')


def json_in_json(column: pa.Array) -> pa.Array:
    """JSON texts as they stand inside a JSON string."""
    return _escaped(column)


def _escaped(column: pa.Array) -> pa.Array:
    return pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), '"', '\\"')


def some_with_fraction(dice: np.random.Generator, seconds: np.ndarray) -> pa.Array:
    """Epoch seconds as text, every other one written as a float (`1678451168.0`), as the devices do."""
    return joined(whole(seconds), pick(["", ".0"], dice.integers(0, 2, len(seconds))))
