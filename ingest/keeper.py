"""Commands that keep house in a lake: alone in it, from a settled state to a settled state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import duckdb

from gymhouse.console import Problem
from ingest.contract import Table
from ingest.lake import Lake
from ingest.land import connect
from ingest.scratch import scratch_in
from ingest.settle import settle, unsettle


@dataclass(frozen=True)
class Keeper:
    """Who rewrites files of `lake`; with `dry_run` nothing is written or deleted. `command` is what people call it."""

    connection: duckdb.DuckDBPyConnection
    scratch: Path
    lake: Lake
    command: str
    dry_run: bool

    def begin(self) -> None:
        """Say in the lake that files give way to others from here on, so that no build reads it meanwhile."""
        unsettle(self.lake, self.scratch, self.command)


@contextmanager
def keeping(lake: Lake, tables: list[Table], scratch: Path, command: str, dry_run: bool = False) -> Iterator[Keeper]:
    """Hold the lake (a store cannot be held) and settle it, before and after; spills to a folder in `scratch`.

    `tables` are all of the contract. Raises `Problem` when somebody lands, and for faults of the lake's place.
    """
    held = nullcontext() if dry_run else lake.locked()
    with scratch_in(scratch) as own, connect(own) as connection, lake.explained(), held:
        keeper = Keeper(connection, own, lake, command, dry_run)
        if dry_run:
            yield keeper
            return
        settle(connection, own, lake, tables)
        try:
            yield keeper
        finally:
            settle(connection, own, lake, tables)


def chosen(tables: Iterable[Table], sources: tuple[str, ...] = (), labels: tuple[str, ...] = ()) -> list[Table]:
    """The dropped tables of these `sources` and with these `labels` (`source.table`); all when neither is named.

    Raises `Problem` for names that nobody declares.
    """
    dropped = {table.label: table for table in tables if table.drops}
    known = {table.source for table in dropped.values()}
    unknown = sorted((set(sources) - known) | (set(labels) - set(dropped)))
    if unknown:
        raise Problem(
            f"No source or table is named {', '.join(unknown)}.",
            f"Name a source ({', '.join(sorted(known))}) or a table ({', '.join(dropped)}).",
        )
    every = not sources and not labels
    return [table for label, table in dropped.items() if every or table.source in sources or label in labels]
