"""Gathers the true tables stretch by stretch, and cuts them by the date asked for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from data_gen.answer_key.truth_table import AsOf, Collected, Truth
from data_gen.answer_key.truths import TRUTHS
from data_gen.chain.days import Days

if TYPE_CHECKING:
    from data_gen.chain.world import World

# Sums are added up anew after so many stretches.
_PIECES_KEPT = 16


class Book:
    """What is true of the stretches added so far."""

    def __init__(self):
        self._sums: dict[str, list[pa.Table]] = {}
        self._collected: dict[str, list[pa.Table]] = {}

    def add_stretch(self, world: World, days: Days) -> None:
        """Add all that is true of a stretch."""
        for truth in TRUTHS:
            if not isinstance(truth, AsOf) and truth.pieces:
                self.add(truth, truth.pieces(world, days))

    def add(self, truth: Truth | Collected, piece: pa.Table) -> None:
        """Add a stretch's part of one table."""
        if isinstance(truth, Collected):
            self._collected.setdefault(truth.name, []).append(piece)
            return
        pieces = self._sums.setdefault(truth.name, [])
        pieces.append(piece if len(piece) < 2 else _summed(truth, piece))
        if len(pieces) > _PIECES_KEPT:
            pieces[:] = [_summed(truth, pa.concat_tables(pieces))]

    def include(self, other: Book) -> None:
        """Add what another worker gathered."""
        for mine, others in ((self._sums, other._sums), (self._collected, other._collected)):
            for name, pieces in others.items():
                mine.setdefault(name, []).extend(pieces)

    def tables(self, world: World, as_of: date) -> dict[str, pa.Table]:
        """All true tables as of a date."""
        collected = {name: pa.concat_tables(pieces) for name, pieces in self._collected.items()}
        found = {}
        for truth in TRUTHS:
            if isinstance(truth, AsOf):
                found[truth.name] = truth.table(world, collected, as_of)
            elif isinstance(truth, Truth):
                whole = _summed(truth, pa.concat_tables(self._sums[truth.name]))
                found[truth.name] = whole.filter(pc.less_equal(whole[truth.keys[0]], pa.scalar(as_of, pa.date32())))
        return found


def _summed(truth: Truth, table: pa.Table) -> pa.Table:
    keys = list(truth.keys)
    grouped = table.group_by(keys).aggregate([(measure, "sum") for measure in truth.measures])
    grouped = grouped.select([*keys, *(f"{measure}_sum" for measure in truth.measures)])
    return grouped.rename_columns([*keys, *truth.measures]).sort_by([(key, "ascending") for key in keys])
