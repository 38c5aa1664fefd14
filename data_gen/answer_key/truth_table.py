"""What is true of the chain, as tables: sums over its stretches, and what has to be known for a whole time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, Parameters

if TYPE_CHECKING:
    from data_gen.chain.world import World


@dataclass(frozen=True)
class Truth:
    """Additive figures: `pieces(world, days)` gives those of a stretch, which are summed by `keys`.

    The first key is a date32 column; figures of dates after the `as_of` asked for are left out. Without `pieces`, the
    writer of the files gives them.
    """

    name: str
    keys: tuple[str, ...]
    measures: tuple[str, ...]
    pieces: Callable[[World, Days], pa.Table] | None


@dataclass(frozen=True)
class Collected:
    """Rows of every stretch that only `AsOf` tables need: handed to them one after another as `collected[name]`."""

    name: str
    pieces: Callable[[World, Days], pa.Table] | None


@dataclass(frozen=True)
class AsOf:
    """A table that is not a sum over stretches: `table(world, collected, as_of)`."""

    name: str
    table: Callable[[World, dict[str, pa.Table], date], pa.Table]


def date_column(chain: Parameters, day: np.ndarray) -> pa.Array:
    """Indexes of days as dates."""
    return pa.array((np.asarray(day) + chain.begin // DAY).astype(np.int32)).cast(pa.date32())
