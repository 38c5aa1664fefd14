"""One landing from end to end: discover, plan, land, bring the ledger up to date."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

import duckdb

from gymhouse.console import Problem, err, progress
from gymhouse.home import Home
from ingest.contract import Table
from ingest.drops import Discovery, Found, discover
from ingest.examine import Examined, examine
from ingest.keyed_hash import find_secret
from ingest.lake import Lake, now
from ingest.land import MEMORY_LIMIT, Done, Engine, Landed, Order, Work, connect
from ingest.plan import Plan, Wanted, make_plan, still_to_land, wanted_of
from ingest.report import files_of, notes_of
from ingest.scratch import scratch_in
from ingest.settle import settle

# Small files are landed by so many threads at most, which share the memory of one landing.
MOST_WORKERS = 8


@dataclass
class Outcome:
    """What a landing did. `files` counts data files of the drop, `ignored` what is no data.

    `problems` says by file, in two sentences, what kept it from landing wholly; all others landed.
    """

    files: int = 0
    ignored: int = 0
    other_sources: int = 0
    seconds: float = 0.0
    landed: list[Landed] = field(default_factory=list)
    already: list[Landed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: dict[str, tuple[str, str]] = field(default_factory=dict)

    def require_whole(self) -> None:
        """Raise `Problem` with all problems."""
        if self.problems:
            fixes = dict.fromkeys(fix for _, fix in self.problems.values())
            landed = len({one.file for one in self.landed} - set(self.problems))
            raise Problem(
                "\n".join(what for what, _ in self.problems.values()),
                " ".join([*fixes, f"{files_of(landed)} of this landing did land." if landed else ""]).strip(),
            )


class Workers(Protocol):
    """Who examines and lands files: this process, or a cluster. Both give one result a file, in any order."""

    def examine(self, files: list[Found], wanted: Wanted) -> Iterator[Examined]:
        """Look at each file; in the order of `files`."""

    def land(self, order: Order, work: list[Work]) -> Iterator[Done]:
        """Land each file."""


@dataclass
class ThisProcess:
    """Examines and lands files: most side by side, each by one core; very large ones in turn, each by all cores.

    `secret_file` is where the secret of the keyed hash lies, if the environment does not give it.
    """

    connection: duckdb.DuckDBPyConnection
    scratch: Path
    secret_file: Path | None = None

    def examine(self, files: Iterable[Found], wanted: Wanted) -> Iterator[Examined]:
        """Look at each file."""
        for found in files:
            yield examine(self.connection, found, partial(wanted.tables, found), self.scratch)

    def land(self, order: Order, work: Iterable[Work]) -> Iterator[Done]:
        """Land each file."""
        work = list(work)
        beside = [one for one in work if one.by_one_core]
        workers = min(os.cpu_count() or 1, MOST_WORKERS, len(beside))
        if workers > 1:
            yield from self._side_by_side(order, beside, workers)
            work = [one for one in work if not one.by_one_core]
        engine = Engine(self.connection, self.scratch, order)
        for one in work:
            yield engine.land(one)

    def _side_by_side(self, order: Order, work: list[Work], workers: int) -> Iterator[Done]:
        """Land each file by one of several threads, each with a DuckDB and a scratch folder of its own."""
        with ExitStack() as stack:
            free: SimpleQueue[Engine] = SimpleQueue()
            for _ in range(workers):
                scratch = stack.enter_context(scratch_in(self.scratch))
                connection = stack.enter_context(connect(scratch, MEMORY_LIMIT // workers, threads=1))
                free.put(Engine(connection, scratch, order))
            pool = ThreadPoolExecutor(workers)
            # When this one is interrupted, files that nobody has begun with are left alone.
            stack.callback(pool.shutdown, cancel_futures=True)

            def land(one: Work) -> Done:
                engine = free.get()
                try:
                    return engine.land(one)
                finally:
                    free.put(engine)

            yield from pool.map(land, work)


def land_drops(
    home: Home, tables: list[Table], drops: str | Path, sources: tuple[str, ...] = (), dry_run: bool = False
) -> Outcome:
    """Land what lies in `drops` (a path or URI) into the lake of `home`; a dry run writes nothing.

    Raises `Problem`, before the lake is touched, for everything the user must put right.
    """
    with scratch_in(home.scratch) as scratch, connect(scratch) as connection:
        here = ThisProcess(connection, scratch, home.secret)
        return land_folder(here, here, Lake(home.lake), tables, drops, sources, dry_run)


def land_folder(
    workers: Workers,
    here: ThisProcess,
    lake: Lake,
    tables: list[Table],
    drops: str | Path,
    sources: tuple[str, ...] = (),
    dry_run: bool = False,
) -> Outcome:
    """Land what lies in `drops` by the `workers`; `here` keeps the ledger. Raises as `land_drops` does."""
    begun = time.perf_counter()
    require_known(sources, tables)
    discovery = discover(drops, tables, sources)
    plan = look(workers, lake, discovery, sources)
    plan.require_sound()
    outcome = carry_out(workers, here, lake, tables, plan, dry_run)
    outcome.files, outcome.ignored, outcome.other_sources = (
        len(discovery.files),
        discovery.ignored,
        discovery.other_sources,
    )
    outcome.seconds = time.perf_counter() - begun
    outcome.require_whole()
    return outcome


def require_known(sources: tuple[str, ...], tables: list[Table]) -> None:
    """Raise `Problem` for a source that nobody declares."""
    known = sorted({table.source for table in tables if table.drops})
    if unknown := sorted(set(sources) - set(known)):
        raise Problem(f"No source is named {', '.join(unknown)}.", f"Name one of {', '.join(known)}.")


def look(workers: Workers, lake: Lake, discovery: Discovery, sources: tuple[str, ...] = ()) -> Plan:
    """Examine what was discovered, and plan what to land; the lake is only listed."""
    with lake.explained():
        wanted = wanted_of(discovery, lake, sources)
    with steps("examining", len(discovery.files)) as step:
        return make_plan(discovery, wanted, workers.examine(discovery.files, wanted), step)


def carry_out(
    workers: Workers,
    here: ThisProcess,
    lake: Lake,
    tables: list[Table],
    plan: Plan,
    dry_run: bool = False,
    wait: bool = False,
) -> Outcome:
    """Land what is planned, and bring the ledger up to date; `wait` for another landing instead of giving up.

    Raises `Problem`, before the lake is touched, when a table needs the secret of the keyed hash and there is none.
    """
    outcome = Outcome(already=plan.already)
    hashes = any(table.hashes for _, tables in plan.work for table in tables)
    secret = find_secret(here.secret_file, make=not dry_run) if hashes else None
    with lake.explained(), nullcontext(True) if dry_run else lake.locked(wait) as held:
        order = Order(lake, now(), dry_run, secret)
        work = list(still_to_land(plan.work, lake))
        became: dict[str, Done] = {}
        with steps("landing", len(plan.work)) as step:
            for done in workers.land(order, work):
                became[done.file] = done
                step()
        for done in (became[one.seen.found.relative] for one in work):
            outcome.landed += done.landed
            if done.problem:
                outcome.problems[done.file] = done.problem
        if not dry_run:
            settle(here.connection, here.scratch, lake, tables, alone=held)
    outcome.notes = plan.notes + notes_of(outcome.landed)
    return outcome


class steps:
    """Progress over `total` files: a bar on a terminal, else one line; gives the function that counts a file."""

    def __init__(self, what: str, total: int):
        self.what, self.total, self.bar = what, total, progress("files")

    def __enter__(self):
        if not err.is_terminal and self.total:
            err.print(f"{self.what} {files_of(self.total)}")
        self.bar.__enter__()
        task = self.bar.add_task(self.what, total=self.total)
        return lambda: self.bar.advance(task)

    def __exit__(self, *problem):
        self.bar.__exit__(*problem)
