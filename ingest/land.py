"""Land examined files: type each in DuckDB, count, write its rejects, then its rows."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from gymhouse.console import Problem
from ingest.batch import DOUBT, FAULT, POSITION, RESCUED, Batch, compile_batch, compile_plain
from ingest.contract import Table
from ingest.csv_file import CsvFile
from ingest.drops import Candidate
from ingest.examine import Examined
from ingest.json_file import JsonFile, staged_lines, stagings
from ingest.json_layout import Layout
from ingest.keyed_hash import Secret, register
from ingest.lake import Lake, Landing
from ingest.places import why
from ingest.reading import Broken, Reading
from ingest.rows import landed_rows, rejected_rows
from ingest.sql import make_table
from ingest.text_lines import TextFile, broken_records, forget_rejects

MEMORY_LIMIT = 2 * 2**30
# Up to so many bytes planning the SQL of a file costs more than reading it with one core.
SMALL = 2**22
# DuckDB reads text in pieces of 32 MiB, each with one core: beyond a few of them, several cores help.
ONE_CORE = 2**26
TRY_AGAIN = "Put that right and run the same command again."
_BATCH, _STAGED, _BROKEN, _SHIFT = "batch", "staged", "broken", "shift"


@dataclass
class Landed:
    """One file in one table. `rejects` counts rows by (column or None, reason); `rescued` names undeclared columns."""

    table: Table
    file: str
    batch: str
    rows_read: int = 0
    rows_landed: int = 0
    rows_rejected: int = 0
    seconds: float = 0.0
    already_landed: bool = False
    rejects: Counter = field(default_factory=Counter)
    rescued: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """A file to land: the tables it has yet to land in, and what a killed landing left of its rejected rows in each."""

    seen: Examined
    tables: tuple[Table, ...]
    left: dict[Table, list[str]]

    @property
    def small(self) -> bool:
        """Whether it is worth trying a shorter SQL first."""
        return self.seen.found.size <= SMALL

    @property
    def by_one_core(self) -> bool:
        """Whether the file had better be read by one core, beside others."""
        return self.seen.found.size <= ONE_CORE


@dataclass(frozen=True)
class Order:
    """What all files of one landing share. With `dry_run` rows are counted and nothing is written.

    `secret` is there when a table needs it; so it comes to whoever lands.
    """

    lake: Lake
    landed_at: datetime
    dry_run: bool = False
    secret: Secret | None = None


@dataclass(frozen=True)
class Typed:
    """The rows of a file as one of its tables has them: the `relation` that holds them, and what was counted in it."""

    batch: Batch
    relation: str
    rows: int
    bad: int
    rescued: int


@dataclass
class Done:
    """What became of one file: where it landed, and in two sentences why it did not (wholly), if so."""

    file: str
    landed: list[Landed] = field(default_factory=list)
    problem: tuple[str, str] | None = None


def connect(scratch: Path, memory: int = MEMORY_LIMIT, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB that keeps rows in file order, speaks UTC, and spills to `scratch` beyond `memory` bytes."""
    connection = duckdb.connect(
        config={
            "memory_limit": f"{memory}B",
            "temp_directory": str(scratch),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            **({"threads": threads} if threads else {}),
        }
    )
    # A name in our SQL is never a Python variable.
    connection.execute("SET TimeZone = 'UTC'; SET python_enable_replacements = false")
    return connection


class Engine:
    """Lands files through one DuckDB connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, scratch: Path, order: Order):
        self.connection = connection
        self.scratch = scratch
        self.order = order
        if order.secret:
            register(connection, order.secret)

    def land(self, work: Work) -> Done:
        """Land the file into those of its tables that still lack it; one commit a table, in the contract's order."""
        done = Done(work.seen.found.relative)
        try:
            with work.seen.here(self.scratch) as path:
                for one in self._tables(work, path):
                    done.landed.append(one)
        except Problem as problem:
            done.problem = (problem.what, problem.fix)
        except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
            done.problem = (f"{done.file} could not be landed ({why(error)}).", TRY_AGAIN)
        return done

    def _tables(self, work: Work, path: Path) -> Iterator[Landed]:
        seen = work.seen
        begun = time.perf_counter()
        text = seen.text(path, self.scratch)
        lines = text.path if text else path
        forget_rejects(self.connection)
        shared = len(seen.candidates) > 1
        broken = self._stage(seen, text, lines) if shared else []
        for candidate in (candidate for candidate in seen.candidates if candidate.table in work.tables):
            typed = self._type(candidate.table, self._readings(seen, candidate, lines, shared), work.small)
            if text and not shared:
                broken = self._broken(seen, text, typed.rows)
            if not seen.unchanged(path, self.scratch):
                raise Problem(
                    f"{seen.found.relative} changed while it was read.",
                    "Drop files whole: write them under a name that ends in .part, then rename. Run the command again.",
                )
            first = candidate == seen.candidates[0]
            landed = self._write(work, candidate.table, typed, broken, broken if first else [])
            landed.seconds = time.perf_counter() - begun
            yield landed
            begun = time.perf_counter()
        for kind in [*([_STAGED] if shared else []), *([_BROKEN, _SHIFT] if broken else [])]:
            self.connection.execute(f"DROP TABLE IF EXISTS {kind}")

    def _stage(self, seen: Examined, text: TextFile | None, lines: Path) -> list[Broken]:
        """Keep the lines of a file that several tables share, with the fields that route them."""
        ways = stagings(seen.opened.lines(lines), seen.candidates)
        for way in ways:
            if not (failed := self._failure(f"CREATE OR REPLACE TEMP TABLE {_STAGED} AS {way}")):
                break
        else:
            raise failed
        if not text:
            return []
        return self._broken(seen, text, self.connection.execute(f"SELECT count(*) FROM {_STAGED}").fetchone()[0])

    def _broken(self, seen: Examined, text: TextFile, rows: int) -> list[Broken]:
        """The records that could not be taken apart.

        They and the `rows` that DuckDB gave are held against our own count of the file's records, before anything is
        written.
        """
        broken = broken_records(self.connection, text)
        one_column = isinstance(seen.opened, CsvFile) and len(seen.opened.fields) < 2
        if not one_column and rows + len(broken) != text.rows:
            raise Problem(
                f"{seen.found.relative}: DuckDB gave {rows + len(broken):,} of its {text.rows:,} records.",
                "This is a fault of landing, not of the file: report it. Nothing of this file was landed.",
            )
        return broken

    def _readings(self, seen: Examined, candidate: Candidate, path: Path, shared: bool) -> list[Reading]:
        opened = seen.opened
        if not isinstance(opened, Layout):
            return opened.readings(candidate.table, path)
        if shared:
            lines = staged_lines(_STAGED, candidate, seen.candidates)
            return JsonFile(lines, opened.sample, candidate, seen.candidates, staged=True).readings()
        return opened.file(path, candidate, seen.candidates, seen.scan).readings()

    def _type(self, table: Table, readings: list[Reading], small: bool) -> Typed:
        """Type the rows by the first of `readings` that works, and keep them unless reading them again is cheaper.

        Of a `small` file it is first tried whether all its rows are plain.
        """
        failed = None
        for reading in readings:
            keep_rejects = reading.position != ""
            if small and (batch := compile_plain(table, reading)):
                if not (failed := self._failure(_making(batch), keep_rejects)):
                    return self._counted(batch)
                if DOUBT not in str(failed):
                    continue
                small = False
            batch = compile_batch(table, reading)
            if not (failed := self._failure(_making(batch), keep_rejects)):
                return self._counted(batch)
        raise failed or ValueError("no way to read was given")

    def _counted(self, batch: Batch) -> Typed:
        relation = _relation(batch)
        counts = f"count(*), count({FAULT}), {f'count({RESCUED})' if batch.rescues else 0}"
        return Typed(batch, relation, *self.connection.execute(f"SELECT {counts} FROM {relation}").fetchone())

    def _failure(self, way: str, keep_rejects: bool = False) -> duckdb.Error | None:
        """Run one `way` to read a file; returns what the file is not regular enough for, if so."""
        try:
            self.connection.execute(way)
        except duckdb.InvalidInputException as error:
            if not keep_rejects:
                forget_rejects(self.connection)
            return error
        return None

    def _write(self, work: Work, table: Table, typed: Typed, broken: list[Broken], mine: list[Broken]) -> Landed:
        seen, lake, batch, relation = work.seen, self.order.lake, typed.batch, typed.relation
        landed = Landed(table, seen.found.relative, seen.batch)
        landed.rows_rejected = typed.bad + len(mine)
        landed.rows_landed = typed.rows - typed.bad
        landed.rows_read = typed.rows + len(mine)
        if typed.rescued:
            landed.rescued = self._rescued_names(relation)
        if typed.bad:
            for number, rows in self.connection.execute(
                f"SELECT {FAULT}, count(*) FROM {relation} WHERE {FAULT} IS NOT NULL GROUP BY 1"
            ).fetchall():
                fault = batch.faults[number - 1]
                landed.rejects[fault.column, fault.reason] += rows
        landed.rejects.update((None, one.reason) for one in mine)
        if self.order.dry_run:
            return landed
        landing = Landing(table, seen.batch, seen.found.relative, self.order.landed_at)
        numbered = self._numbered(relation, batch, broken)
        rejects = rejected_rows(landing, batch, numbered, _BROKEN if mine else None) if landed.rows_rejected else None
        lake.write_rejects(self.connection, self.scratch, landing, rejects, work.left.get(table, []))
        counts = {key: getattr(landed, key) for key in ("rows_read", "rows_landed", "rows_rejected")}
        select = landed_rows(landing, batch, numbered, only_good=typed.bad > 0, sort=bool(broken))
        lake.write_raw(self.connection, self.scratch, landing, select, counts)
        return landed

    def _rescued_names(self, relation: str) -> tuple[str, ...]:
        rows = self.connection.execute(
            f"SELECT DISTINCT unnest(json_keys(_rescued)) FROM {relation} WHERE _rescued IS NOT NULL ORDER BY 1"
        ).fetchall()
        return tuple(row[0] for row in rows)

    def _numbered(self, relation: str, batch: Batch, broken: list[Broken]) -> str:
        """The relation with `_row`; records that could not be taken apart keep their numbers in between."""
        position = POSITION if batch.position else "rowid"
        if not broken:
            return f"(SELECT *, {position} + 1 AS _row FROM {relation})"
        columns = {"_row": "BIGINT", "reason": "VARCHAR", "text": "VARCHAR"}
        make_table(self.connection, _BROKEN, columns, [(one.row, one.reason, one.text) for one in broken])
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {_SHIFT} AS SELECT _row - rank AS after, max(rank) AS by FROM"
            f" (SELECT _row, row_number() OVER (ORDER BY _row) AS rank FROM {_BROKEN}) GROUP BY 1"
        )
        placed = f"(SELECT *, {position} AS _place FROM {relation})"
        return (
            f"(SELECT placed.*, _place + 1 + coalesce(shift.by, 0) AS _row FROM {placed} AS placed"
            f" ASOF LEFT JOIN {_SHIFT} AS shift ON placed._place >= shift.after)"
        )


def _relation(batch: Batch) -> str:
    return f"{_BATCH}_view" if batch.reread else _BATCH


def _making(batch: Batch) -> str:
    """SQL that makes the relation of the batch."""
    return f"CREATE OR REPLACE TEMP {'VIEW' if batch.reread else 'TABLE'} {_relation(batch)} AS {batch.select}"
