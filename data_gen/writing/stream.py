"""What one exported table is: its rows by stretch, how they are written, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.writing.rows import Rows
from data_gen.writing.spoil import Shape

if TYPE_CHECKING:
    from data_gen.chain.world import World
    from data_gen.writing.defects import Defects

CSV, JSON, TOPIC = "csv", "json", "topic"


@dataclass(frozen=True)
class Stream:
    """One raw table's export.

    `rows(world, days, defects)` gives a stretch's rows with the table's own kinds of defects; the common ones are added
    by the driver, from `shape`. They may arrive up to `back` days before the stretch and `ahead` days after it: the
    fewer the better, for who writes some days makes every stretch that can reach them.
    `file` is folder and first part of the file's name (default: the table's source and name).
    A table of the multiplex topic has a `topic` and `values`, which gives its records' JSON from the rows' text.
    """

    table: str
    shape: Shape
    rows: Callable[[World, Days, Defects], Rows]
    format: str = CSV
    file: str | None = None
    is_hourly_at_last: bool = False
    back: int = 0
    ahead: int = 0
    topic: str | None = None
    values: Callable[[pa.Table], pa.Array] | None = None

    @property
    def path(self) -> str:
        """Folder and first part of the file's name."""
        return self.file or self.table.replace(".", "/", 1)
