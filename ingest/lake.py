"""The lake as landing writes it: where a batch lies, which are there, and how one is committed.

The lake is its own ledger: a batch has landed when its raw file is there, under the name that its content gives it.
"""

from __future__ import annotations

import errno
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import duckdb

from gymhouse.console import Problem
from gymhouse.home import RAW, REJECTED
from gymhouse.lock import Lock, held
from ingest.contract import Table
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

    def landed(self, table: Table) -> dict[str, str]:
        """The batches that lie in `table`, each with its file below the lake."""
        return {batch: files[0] for batch, files in self._batches(RAW, table).items()}

    def rejects(self, table: Table) -> dict[str, list[str]]:
        """The batches that left rejected rows of `table`, with their files: one each; more only after a kill."""
        return self._batches(REJECTED, table)

    def settle(self, tables: Iterable[Table]) -> None:
        """Leave one file of every batch.

        There are two when two landings at once, in a store that cannot be held, fell on the two sides of midnight.
        The earlier stays; of rejected rows those that fell on its day, so that some always stay.
        """
        for table in tables:
            kept = {}
            for batch, (first, *others) in self._batches(RAW, table).items():
                kept[batch] = day_of(first)
                self._delete(others)
            for batch, files in self._batches(REJECTED, table).items():
                stays = next((one for one in files if day_of(one) == kept.get(batch)), files[0])
                self._delete(one for one in files if one != stays)

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
        metadata = ", ".join(f"{quoted('gymhouse.' + key)}: {quoted(str(value))}" for key, value in facts.items())
        options = f"{ENCODINGS}, KV_METADATA {{{metadata}}}"
        self.write(connection, scratch, select, _place(RAW, landing), options)

    def write_rejects(
        self,
        connection: duckdb.DuckDBPyConnection,
        scratch: Path,
        landing: Landing,
        select: str | None,
        left: list[str],
    ) -> None:
        """Commit the rejected rows; None means there are none. What a killed landing `left` of them goes away."""
        final = _place(REJECTED, landing)
        if select:
            self.write(connection, scratch, select, final, ENCODINGS)
        self._delete(one for one in left if not select or one != final)

    def write(
        self, connection: duckdb.DuckDBPyConnection, scratch: Path, select: str, relative: str, options: str
    ) -> None:
        """Commit the rows of `select` as the Parquet file `relative`."""
        written = scratch / f"{uuid.uuid4().hex}.parquet"
        try:
            connection.execute(f"COPY ({select}) TO {quoted(str(written))} (FORMAT parquet, {options})")
            self.root.commit(written, relative, ASIDE)
        finally:
            written.unlink(missing_ok=True)

    def _batches(self, part: str, table: Table) -> dict[str, list[str]]:
        """The files of each batch, the earliest first."""
        below = f"{part}/{table.source}/{table.name}"
        found = defaultdict(list)
        for relative, _ in self.root.below(below).files():
            path = PurePosixPath(relative)
            if path.suffix == ".parquet" and len(path.parts) == 2 and relative.startswith("landed_date="):
                found[path.stem].append(f"{below}/{relative}")
        return {batch: sorted(files) for batch, files in found.items()}

    def _delete(self, files: Iterable[str]) -> None:
        for relative in files:
            self.root.delete(relative)


def still_lake(root: Path, wait: bool = False) -> AbstractContextManager[Lock]:
    """Let nobody else land into the local lake at `root` meanwhile; `wait` for a landing instead of giving up.

    Raises:
        Problem: somebody lands, or builds from it; says who, and since when.
        OSError: its file system knows no locks.
    """

    def refused(by: str) -> Problem:
        return Problem(
            f"Another landing is writing to the lake {root}, or a run builds from it: {by}.",
            "Wait until it has ended, then run the same command again.",
        )

    return held(root / ".landing.lock", refused, wait)


def now() -> datetime:
    """The time of this landing, UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0, tzinfo=None)


def day_of(relative: str) -> str:
    """The date of landing, `YYYY-MM-DD`, that a file of the lake lies under."""
    return PurePosixPath(relative).parent.name.removeprefix("landed_date=")


def _place(part: str, landing: Landing) -> str:
    table = f"{landing.table.source}/{landing.table.name}"
    return f"{part}/{table}/landed_date={landing.landed_at:%Y-%m-%d}/{landing.batch}.parquet"
