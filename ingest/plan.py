"""Decide what to land, before anything is written: examine every file, and stop at all faults together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from gymhouse.console import Problem
from ingest.contract import Table
from ingest.drops import Discovery
from ingest.examine import Examined, examine, name_of, stamp_of
from ingest.lake import Lake
from ingest.land import Landed


@dataclass
class Plan:
    """What there is to do.

    `work` holds files with the tables they have yet to land in, `already` what lies in the lake, `notes` what is worth
    telling.
    """

    work: list[tuple[Examined, list[Table]]] = field(default_factory=list)
    already: list[Landed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def make_plan(
    connection: duckdb.DuckDBPyConnection,
    discovery: Discovery,
    lake: Lake,
    scratch: Path,
    sources: tuple[str, ...] = (),
    step: Callable[[], None] = lambda: None,
) -> Plan:
    """Examine all files (`step` is called after each). Raises `Problem` that names every file which cannot land."""
    plan, faults = Plan(), list(discovery.strangers)
    landed: dict[str, set[str]] = {}
    first: dict[tuple[str, str], str] = {}
    told: dict[tuple[str, str], list[str]] = {}
    for found in discovery.files:
        step()
        try:
            stamp, batch = stamp_of(found.path), name_of(found.path)
        except OSError as error:
            faults.append(f"{found.relative}: cannot be read ({error.strerror})")
            continue
        wanted = []
        for table in (candidate.table for candidate in found.candidates):
            if sources and table.source not in sources:
                continue
            if table.label not in landed:
                landed[table.label] = lake.landed(table)
            if batch in landed[table.label]:
                plan.already.append(Landed(table, found.relative, batch, already_landed=True))
            elif twin := first.get((table.label, batch)):
                plan.notes.append(f"{found.relative} has the same content as {twin}: landed once in {table.label}")
            else:
                first[table.label, batch] = found.relative
                wanted.append(table)
        if not wanted:
            continue
        seen = examine(connection, found, batch, stamp, scratch)
        faults += [f"{found.relative}: {fault}" for fault in seen.faults]
        if not seen.faults:
            plan.work.append((seen, wanted))
            for note in seen.notes:
                told.setdefault((wanted[0].label, note), []).append(found.relative)
    if faults:
        raise Problem(
            "These files cannot land:\n" + "\n".join(f"  {fault}" for fault in faults),
            "Correct, rename or move them, or declare their names in a source (docs/landing.md), then run the same"
            " command again. Nothing was landed.",
        )
    for (label, note), files in told.items():
        plan.notes.append(f"{label}: {files[0]}{f' and {len(files) - 1:,} more' if len(files) > 1 else ''} {note}")
    return plan


def still_to_land(work: list[tuple[Examined, list[Table]]], lake: Lake) -> Iterator[tuple[Examined, list[Table]]]:
    """The work that nobody else has done since it was planned; to be asked while the lake is held."""
    landed: dict[Table, set[str]] = {}
    for seen, wanted in work:
        landed.update({table: lake.landed(table) for table in wanted if table not in landed})
        if left := [table for table in wanted if seen.batch not in landed[table]]:
            yield seen, left
