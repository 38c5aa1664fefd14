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
from ingest.batch import FAULT, POSITION, RESCUED, Batch, compile_batch
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

MEMORY_LIMIT = "2GB"
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


@dataclass(frozen=True)
class Order:
    """What all files of one landing share. With `dry_run` rows are counted and nothing is written.

    `secret` is there when a table needs it; so it comes to whoever lands.
    """

    lake: Lake
    landed_at: datetime
    dry_run: bool = False
    secret: Secret | None = None


@dataclass
class Done:
    """What became of one file: where it landed, and in two sentences why it did not (wholly), if so."""

    file: str
    landed: list[Landed] = field(default_factory=list)
    problem: tuple[str, str] | None = None


def connect(scratch: Path, memory_limit: str = MEMORY_LIMIT, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB that keeps rows in file order, speaks UTC, and spills to `scratch` beyond `memory_limit`."""
    connection = duckdb.connect(
        config={
            "memory_limit": memory_limit,
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
        if shared:
            # Several tables share the file: keep its lines with the fields that route them.
            ways = stagings(seen.opened.lines(lines), seen.candidates)
            self._first_that_works([f"CREATE OR REPLACE TEMP TABLE {_STAGED} AS {way}" for way in ways])
        for candidate in (candidate for candidate in seen.candidates if candidate.table in work.tables):
            batch = self._type(candidate.table, self._readings(seen, candidate, lines, shared))
            broken = broken_records(self.connection, text) if text else []
            if text:
                self._check_count(seen, text, _STAGED if shared else _BATCH, len(broken))
            if not seen.unchanged(path, self.scratch):
                raise Problem(
                    f"{seen.found.relative} changed while it was read.",
                    "Drop files whole: write them under a name that ends in .part, then rename. Run the command again.",
                )
            first = candidate == seen.candidates[0]
            landed = self._write(work, candidate.table, batch, broken, broken if first else [])
            landed.seconds = time.perf_counter() - begun
            yield landed
            begun = time.perf_counter()
        for kind in (_STAGED, _BROKEN, _SHIFT):
            self.connection.execute(f"DROP TABLE IF EXISTS {kind}")

    def _check_count(self, seen: Examined, text: TextFile, relation: str, broken: int) -> None:
        """Hold the rows that DuckDB gave against our own count of the file's records, before anything is written."""
        one_column = isinstance(seen.opened, CsvFile) and len(seen.opened.fields) < 2
        given = self.connection.execute(f"SELECT count(*) FROM {relation}").fetchone()[0] + broken
        if not one_column and given != text.rows:
            raise Problem(
                f"{seen.found.relative}: DuckDB gave {given:,} of its {text.rows:,} records.",
                "This is a fault of landing, not of the file: report it. Nothing of this file was landed.",
            )

    def _readings(self, seen: Examined, candidate: Candidate, path: Path, shared: bool) -> list[Reading]:
        opened = seen.opened
        if not isinstance(opened, Layout):
            return opened.readings(candidate.table, path)
        if shared:
            lines = staged_lines(_STAGED, candidate, seen.candidates)
            return JsonFile(lines, opened.sample, candidate, seen.candidates, staged=True).readings()
        return opened.file(path, candidate, seen.candidates, seen.scan).readings()

    def _type(self, table: Table, readings: list[Reading]) -> Batch:
        """Make the relation `batch`: the rows typed, kept unless reading them again is cheaper."""
        self.connection.execute(f"DROP VIEW IF EXISTS {_BATCH}_view; DROP TABLE IF EXISTS {_BATCH}")
        batches = [compile_batch(table, reading) for reading in readings]
        kinds = [f"VIEW {_BATCH}_view" if batch.reread else f"TABLE {_BATCH}" for batch in batches]
        made = [f"CREATE TEMP {kind} AS {batch.select}" for kind, batch in zip(kinds, batches, strict=True)]
        return batches[self._first_that_works(made, keep_rejects=readings[-1].position != "")]

    def _first_that_works(self, ways: list[str], keep_rejects: bool = False) -> int:
        """Run the first of `ways` that the file is regular enough for; the last takes every file. Returns which ran."""
        for which, way in enumerate(ways):
            try:
                self.connection.execute(way)
                return which
            except duckdb.InvalidInputException:
                if which == len(ways) - 1:
                    raise
                if not keep_rejects:
                    forget_rejects(self.connection)
        raise ValueError("no way to read was given")

    def _write(self, work: Work, table: Table, batch: Batch, broken: list[Broken], mine: list[Broken]) -> Landed:
        seen, lake = work.seen, self.order.lake
        relation = f"{_BATCH}_view" if batch.reread else _BATCH
        landed = Landed(table, seen.found.relative, seen.batch)
        held, bad, rescued = self.connection.execute(
            f"SELECT count(*), count({FAULT}), {f'count({RESCUED})' if batch.rescues else 0} FROM {relation}"
        ).fetchone()
        landed.rows_rejected = bad + len(mine)
        landed.rows_landed = held - bad
        landed.rows_read = held + len(mine)
        if rescued:
            landed.rescued = self._rescued_names(relation)
        if bad:
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
        select = landed_rows(landing, batch, numbered, only_good=bad > 0, sort=bool(broken))
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
