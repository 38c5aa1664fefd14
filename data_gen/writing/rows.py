"""Rows of one table as the text that will be written, and the vectorised building of that text."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_gen.chain.parameters import DAY, Parameters

_MOMENT = np.dtype([("date", "S10"), ("time", "S10")])


class Rows:
    """Text columns, the day (index) in whose files each row arrives, and its order within that day.

    `is_free` says which rows may still get one of the common defects (default: all).
    """

    def __init__(self, text: pa.Table, day: np.ndarray, order: np.ndarray, is_free: np.ndarray | None = None):
        self.text = text
        self.day = np.asarray(day, np.int32)
        self.order = np.asarray(order, np.int64)
        self.is_free = np.ones(len(self.day), bool) if is_free is None else is_free
        if not text.num_rows == len(self.day) == len(self.order) == len(self.is_free):
            raise ValueError("rows need a day, an order and a mark each")

    def __len__(self) -> int:
        return self.text.num_rows

    def take(self, positions: np.ndarray) -> Rows:
        """The rows at these positions."""
        text = self.text.take(pa.array(positions))
        return Rows(text, self.day[positions], self.order[positions], self.is_free[positions])

    def plus(self, *others: Rows) -> Rows:
        """These rows, then those of `others`."""
        every = (self, *others)
        return Rows(
            pa.concat_tables([rows.text for rows in every]).combine_chunks(),
            np.concatenate([rows.day for rows in every]),
            np.concatenate([rows.order for rows in every]),
            np.concatenate([rows.is_free for rows in every]),
        )

    def where(self, mask: np.ndarray) -> Rows:
        """The rows of which the mask holds; these very ones where it holds of all."""
        return self if mask.all() else self.take(np.flatnonzero(mask))

    @classmethod
    def together(cls, several: list[Rows]) -> Rows:
        """All rows of `several`, of which there is one at least, in that order."""
        return several[0].plus(*several[1:]) if len(several) > 1 else several[0]

    def with_column(self, column: str, value: str | None, where: np.ndarray | None = None) -> Rows:
        """The same rows with `value` in every row of `column`, or in those of the mask `where`."""
        filled = pa.repeat(pa.scalar(value, pa.string()), len(self))
        if where is not None:
            filled = pc.if_else(pa.array(where), filled, self.text[column].combine_chunks())
        text = self.text.set_column(self.text.column_names.index(column), column, filled)
        return Rows(text, self.day, self.order, self.is_free)

    def free(self, is_free: np.ndarray) -> Rows:
        """The same rows, with another say on which are free."""
        return Rows(self.text, self.day, self.order, is_free)

    def arranged(self, behind: int) -> Rows:
        """The rows of the days until `behind`, by day and order of arrival."""
        due = np.flatnonzero(self.day < behind)
        return self.take(due[np.lexsort((self.order[due], self.day[due]))])

    def slice(self, first: int, count: int) -> Rows:
        """`count` rows from position `first`, without a copy."""
        to = slice(first, first + count)
        return Rows(self.text.slice(first, count), self.day[to], self.order[to], self.is_free[to])

    def keys(self, columns: tuple[str, ...]) -> pa.Table:
        """These columns, to name rows in the answer key."""
        return self.text.select(columns)


def whole(numbers: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Integers as text; null where `missing`."""
    return pa.array(np.asarray(numbers, np.int64), mask=missing).cast(pa.string())


def decimal(numbers: np.ndarray, digits: int, missing: np.ndarray | None = None) -> pa.Array:
    """Numbers as text with at most `digits` decimals; null where `missing`."""
    return pa.array(np.round(np.asarray(numbers, np.float64), digits), mask=missing).cast(pa.string())


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


def utc_text(seconds: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Epoch seconds as `2025-03-09T06:59:30Z`; null where `missing`."""
    seconds = np.asarray(seconds, np.int64)
    known = seconds if missing is None else seconds[~missing]
    if not len(known):
        return pa.nulls(len(seconds), pa.string())
    first, last = int(known.min()) // DAY, int(known.max()) // DAY
    # Days and times of day are few beside the rows, so that their texts are looked up.
    dates = np.datetime_as_string(np.arange(first, last + 1).astype("datetime64[D]")).astype("S10")
    if missing is not None:
        seconds = np.where(missing, first * DAY, seconds)
    text = np.empty(len(seconds), _MOMENT)
    text["date"], text["time"] = dates[seconds // DAY - first], _times_of_day()[seconds % DAY]
    ends = np.arange(len(seconds) + 1, dtype=np.int32) * _MOMENT.itemsize
    valid = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.StringArray.from_buffers(len(seconds), pa.py_buffer(ends), pa.py_buffer(text), valid)


@lru_cache(maxsize=1)
def _times_of_day() -> np.ndarray:
    """`T00:00:00Z` and so on, of each second of a day."""
    two = np.array([f"{number:02}".encode() for number in range(60)], "S2").view(np.uint8).reshape(60, 2)
    text = np.empty((24, 60, 60, 10), np.uint8)
    text[...] = np.frombuffer(b"T00:00:00Z", np.uint8)
    text[..., 1:3], text[..., 4:6] = two[:24, None, None], two[:, None]
    text[..., 7:9] = two
    return text.reshape(-1).view("S10")


def date_text(chain: Parameters, day: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Days (indexes from the chain's first) as `2025-03-09`; null where `missing`."""
    return (
        pa.array((np.asarray(day) + chain.begin // DAY).astype(np.int32), mask=missing)
        .cast(pa.date32())
        .cast(pa.string())
    )


def cents_text(cents: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Whole cents as an amount with two decimals; null where `missing`."""
    cents = np.asarray(cents, np.int64)
    sign = pick(["", "-"], (cents < 0).astype(np.int64))
    text = joined(sign, whole(np.abs(cents) // 100), ".", pc.utf8_lpad(whole(np.abs(cents) % 100), 2, "0"))
    return text if missing is None else pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), text)


def joined_or_null(*parts) -> pa.Array:
    """Columns and constants glued row by row; null where one is."""
    return pc.binary_join_element_wise(*parts, "")


def some_with_fraction(dice: np.random.Generator, seconds: np.ndarray) -> pa.Array:
    """Epoch seconds as text, every other one written as a float (`1678451168.0`), as the devices do."""
    return joined(whole(seconds), pick(["", ".0"], dice.integers(0, 2, len(seconds))))
