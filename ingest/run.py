"""One landing from end to end: discover, plan, land, bring the ledger up to date."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gymhouse.console import Problem, err, progress
from gymhouse.home import Home
from ingest.contract import Table
from ingest.drops import discover
from ingest.lake import Lake, now
from ingest.land import Engine, Landed, connect
from ingest.ledger import write_ledger
from ingest.plan import make_plan, still_to_land
from ingest.report import files_of, notes_of


@dataclass
class Outcome:
    """What a landing did. `files` counts data files of the drop, `ignored` what is no data."""

    files: int
    ignored: int
    other_sources: int
    seconds: float = 0.0
    landed: list[Landed] = field(default_factory=list)
    already: list[Landed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def land_drops(
    home: Home, tables: list[Table], drops: Path, sources: tuple[str, ...] = (), dry_run: bool = False
) -> Outcome:
    """Land what lies in `drops` into the lake of `home`; a dry run writes nothing.

    Raises `Problem`, before the lake is touched, for everything the user must put right.
    """
    begun = time.perf_counter()
    if unknown := sorted(set(sources) - {table.source for table in tables if table.drops}):
        known = sorted({table.source for table in tables if table.drops})
        raise Problem(f"No source is named {', '.join(unknown)}.", f"Name one of {', '.join(known)}.")
    discovery = discover(drops, tables, sources)
    outcome = Outcome(len(discovery.files), discovery.ignored, discovery.other_sources)
    lake = Lake(home)
    with _scratch(home) as scratch, connect(scratch) as connection:
        with _steps("examining", len(discovery.files)) as step:
            plan = make_plan(connection, discovery, lake, scratch, sources, step)
        outcome.already = plan.already
        with nullcontext() if dry_run else lake.locked():
            engine = Engine(connection, lake, scratch, now(), dry_run)
            with _steps("landing", len(plan.work)) as step:
                for seen, wanted in still_to_land(plan.work, lake):
                    outcome.landed += engine.land(seen, wanted)
                    step()
            if not dry_run:
                write_ledger(connection, lake, tables)
    outcome.notes = plan.notes + notes_of(outcome.landed)
    outcome.seconds = time.perf_counter() - begun
    return outcome


@contextmanager
def _scratch(home: Home) -> Iterator[Path]:
    """A folder of this process for what does not fit in memory; it goes away, as do those of killed processes."""
    for left in home.scratch.glob("*"):
        if not _alive(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)
    own = home.scratch / str(os.getpid())
    was_there = home.root.exists()
    own.mkdir(parents=True, exist_ok=True)
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)
        for folder in (home.scratch, *([] if was_there else [home.root])):
            with suppress(OSError):
                folder.rmdir()  # only if empty


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


class _steps:
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
