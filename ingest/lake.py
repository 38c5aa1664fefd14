"""The lake as landing writes it: where a batch lies, which are there, and how one is committed.

The lake is its own ledger: a batch has landed when its raw file is there, under the name that its content gives it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from gymhouse.console import Problem
from gymhouse.files import commit
from gymhouse.home import Home
from ingest.contract import Table
from ingest.sql import quoted

LEDGER_TABLE = ("operations", "batches")


@dataclass(frozen=True)
class Landing:
    """One batch on its way into one table. `source_file` is the dropped file's path below the drop folder."""

    table: Table
    batch: str
    source_file: str
    landed_at: datetime


class Lake:
    """The raw and rejected folders of one home."""

    def __init__(self, home: Home):
        self.home = home

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lake for one landing; sweep what a killed one left. A second landing is told to wait."""
        self.home.lake.mkdir(parents=True, exist_ok=True)
        with (self.home.lake / ".landing.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Problem(
                    f"Another landing is writing to the lake {self.home.lake}.",
                    "Wait until it has ended, then run the same command again.",
                ) from None
            for folder in (self.home.raw, self.home.rejected):
                for left in folder.glob("*/*/.*.tmp"):
                    left.unlink()
            yield

    def landed(self, table: Table) -> set[str]:
        """The batches that lie in `table`."""
        return {path.stem for path in (self.home.raw / table.source / table.name).glob("landed_date=*/*.parquet")}

    def rejects(self, table: Table, batch: str) -> list[Path]:
        """Files of the rejected rows of `batch`: one, or none; more only after a kill."""
        folder = self.home.rejected / table.source / table.name
        return sorted(folder.glob(f"landed_date=*/{batch}.parquet"))

    def write_raw(self, connection: duckdb.DuckDBPyConnection, landing: Landing, select: str, counts: dict) -> Path:
        """Commit the rows of `select`; `counts` (rows_read, rows_landed, rows_rejected) go into the footer."""
        facts = {
            "source_file": landing.source_file,
            "batch": landing.batch,
            "landed_at": landing.landed_at.isoformat(),
            **counts,
        }
        metadata = ", ".join(f"{quoted('gymhouse.' + key)}: {quoted(str(value))}" for key, value in facts.items())
        return self._write(connection, self.home.raw, landing, select, f", KV_METADATA {{{metadata}}}")

    def write_rejects(self, connection: duckdb.DuckDBPyConnection, landing: Landing, select: str | None) -> Path | None:
        """Commit the rejected rows; None means there are none. What a killed landing left of them goes away."""
        final = self._write(connection, self.home.rejected, landing, select, "") if select else None
        for path in self.rejects(landing.table, landing.batch):
            if path != final:
                path.unlink()
        return final

    def _write(self, connection, folder: Path, landing: Landing, select: str, options: str) -> Path:
        table = folder / landing.table.source / landing.table.name
        table.mkdir(parents=True, exist_ok=True)
        written = table / f".{landing.batch}.tmp"
        # The encodings of version 2 halve a table of readings, but those of doubles are none that Spark reads.
        version = "v1" if any(column.type == "double" for column in landing.table.columns) else "v2"
        connection.execute(
            f"COPY ({select}) TO {quoted(str(written))} (FORMAT parquet, PARQUET_VERSION {version}{options})"
        )
        final = table / f"landed_date={landing.landed_at:%Y-%m-%d}" / f"{landing.batch}.parquet"
        commit(written, final)
        return final


def now() -> datetime:
    """The time of this landing, UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0, tzinfo=None)
