"""The lake as landing writes it: where a batch lies, which are there, and how one is committed.

The lake is its own ledger: a batch has landed when its raw file is there, under the name that its content gives it.
"""

from __future__ import annotations

import errno
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from gymhouse.console import Problem
from gymhouse.lock import still_lake
from ingest.contents import contents_of, placed, raw_folder, rejected_folder, rejects_of
from ingest.contract import Table
from ingest.footers import of_one
from ingest.places import Folder, LocalFolder, folder_of, why
from ingest.sql import quoted

LEDGER_TABLE = ("operations", "batches")
# Those of version 2 are smaller, but Spark 4.0 refuses its doubles, and reads its texts shifted by rows without a word.
ENCODINGS = "PARQUET_VERSION v1"
# What is not complete yet, when it cannot be written elsewhere and renamed.
ASIDE = ".landing"
# What a mount says that knows no locks.
NO_LOCKS = {errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.ENOTTY}


@dataclass(frozen=True)
class Landing:
    """One batch on its way into one table. `source_file` is the dropped file's path below the drop folder."""

    table: Table
    batch: str
    source_file: str
    landed_at: datetime


class Lake:
    """The raw and rejected folders of one lake, local or in an object store. It travels to other processes."""

    def __init__(self, root: str | Path | Folder):
        self.root = root if isinstance(root, Folder) else folder_of(root)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn faults of the lake's place into a `Problem`."""
        try:
            yield
        except OSError as error:
            raise Problem(
                f"The lake {self.root} cannot be listed or written ({why(error)}).",
                "Check the place, its permissions and, for a store, the network and the credentials in the environment;"
                " then run the same command again. What had landed stays.",
            ) from error

    @contextmanager
    def locked(self, wait: bool = False) -> Iterator[bool]:
        """Hold a local lake for one landing, and sweep what a killed one left; a second landing is told to `wait`.

        Yields whether it is held. An object store, or a mount of one, cannot be: there two landings may write the
        same batch, each whole, with the same rows, under the same name.
        """
        if not isinstance(self.root, LocalFolder):
            yield False
            return
        with ExitStack() as stack:
            try:
                stack.enter_context(still_lake(self.root.path, wait))
            except OSError as error:
                if error.errno not in NO_LOCKS:
                    raise
                yield False
                return
            aside = self.root.below(ASIDE)
            for left, _ in list(aside.files()):
                aside.delete(left)
            yield True

    def landed(self, table: Table) -> frozenset[str]:
        """The batches of `table` that have landed, whatever became of their files."""
        return frozenset(contents_of(self.root, table).landed())

    def rejects(self, table: Table) -> dict[str, list[str]]:
        """The batches that left rejected rows of `table`, with their files: one each; more only after a kill."""
        return rejects_of(self.root, table)

    def write_raw(
        self, connection: duckdb.DuckDBPyConnection, scratch: Path, landing: Landing, select: str, counts: dict
    ) -> None:
        """Commit the rows of `select`; `counts` (rows_read, rows_landed, rows_rejected) go into the footer."""
        facts = {
            "source_file": landing.source_file,
            "batch": landing.batch,
            "landed_at": landing.landed_at.isoformat(),
            **counts,
        }
        footer = of_one({key: str(value) for key, value in facts.items()})
        self.write(connection, scratch, select, _place(raw_folder(landing.table), landing), f"{ENCODINGS}, {footer}")

    def write_rejects(
        self,
        connection: duckdb.DuckDBPyConnection,
        scratch: Path,
        landing: Landing,
        select: str | None,
        left: list[str],
    ) -> None:
        """Commit the rejected rows; None means there are none. What a killed landing `left` of them goes away."""
        final = _place(rejected_folder(landing.table), landing)
        if select:
            self.write(connection, scratch, select, final, ENCODINGS)
        for one in left:
            if not select or one != final:
                self.root.delete(one)

    def write(
        self,
        connection: duckdb.DuckDBPyConnection,
        scratch: Path,
        select: str,
        relative: str,
        options: str,
        check: Callable[[Path], None] = lambda written: None,
    ) -> None:
        """Commit the rows of `select` as the Parquet file `relative`, unless `check` raises over what was written."""
        written = scratch / f"{uuid.uuid4().hex}.parquet"
        try:
            connection.execute(f"COPY ({select}) TO {quoted(str(written))} (FORMAT parquet, {options})")
            check(written)
            self.root.commit(written, relative, ASIDE)
        finally:
            written.unlink(missing_ok=True)


def now() -> datetime:
    """The time of this landing, UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0, tzinfo=None)


def _place(folder: str, landing: Landing) -> str:
    return placed(folder, landing.landed_at.date(), f"{landing.batch}.parquet")
