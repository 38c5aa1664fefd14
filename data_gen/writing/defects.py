"""The defects of one table in one stretch: how many of each kind, by which dice, and a note of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import Parameters


@dataclass(frozen=True)
class Note:
    """Defects of one kind: the key of each (or none), and the day whose files each arrives in."""

    kind: str
    table: str
    caught_as: str
    why: tuple[tuple[str, str], ...]
    keys: pa.Table | None
    days: np.ndarray


class Defects:
    """Says how many defects a stretch of a table gets, and remembers what was made of them."""

    def __init__(self, chain: Parameters, table: str, days: Days, stretches: int):
        self.table = table
        self.dice = chain.dice(f"defects of {table}", days.number)
        self.notes: list[Note] = []
        self.repeats = np.zeros(0, np.int64)
        self._chain, self._days, self._stretches = chain, days, stretches

    def count(self, kind: str, of_rows: int) -> int:
        """How many defects of `kind` to make in `of_rows` rows of this stretch.

        The rate gives a share of them. The number that the whole chain has at least is spread over its stretches.
        """
        rate, least = self._chain.defects.rate(kind), self._chain.defects.at_least(kind)
        if not rate or not of_rows:
            return 0
        quota = _quota(self._chain, kind, self.table, self._stretches, least)
        chance = self._chain.dice(f"count of {kind} in {self.table}", self._days.number).random()
        return min(of_rows, max(int(np.sum(quota == self._days.number)), int(rate * of_rows + chance)))

    def note(
        self,
        kind: str,
        caught_as: str,
        *,
        keys: pa.Table | None = None,
        days: Iterable[int] = (),
        table: str | None = None,
        **why: str,
    ) -> None:
        """Note defects: `keys` name the rows; `days` is the arrival day of each row, for all of them.

        `why` tells a rule, reason, column or flag. `table` is another one than the stream's own, if it is.
        """
        days = np.asarray(days, np.int64).ravel()
        if keys is not None and len(days) != keys.num_rows:
            raise ValueError(f"{kind}: {keys.num_rows} keys and {len(days)} days")
        if len(days):
            self.notes.append(Note(kind, table or self.table, caught_as, tuple(sorted(why.items())), keys, days))

    def repeat(self, days: np.ndarray) -> None:
        """Tell of rows that name a key again without being a defect: a login exported before its logout is known.

        `days` is the arrival day of each.
        """
        self.repeats = np.concatenate([self.repeats, np.asarray(days, np.int64)])

    def include(self, other: Defects) -> None:
        """Take over what `other` has noted: rows that were made once for several readers."""
        self.notes += other.notes
        self.repeat(other.repeats)


@lru_cache(maxsize=1024)
def _quota(chain: Parameters, kind: str, table: str, stretches: int, least: int) -> np.ndarray:
    """The number of the stretch in which each of the least number of defects falls."""
    return chain.dice(f"quota of {kind} in {table}").integers(0, stretches, least)
