"""Decide what to land, before anything is written: examine every file, and stop at all faults together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from gymhouse.console import Problem
from ingest.contract import Table
from ingest.drops import Discovery
from ingest.examine import Examined, examine, name_of
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
    plan, faults = Plan(), []
    landed: dict[str, set[str]] = {}
    first: dict[tuple[str, str], str] = {}
    for found in discovery.files:
        step()
        try:
            batch = name_of(found.path)
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
        seen = examine(connection, found, batch, scratch)
        faults += [f"{found.relative}: {fault}" for fault in seen.faults]
        if not seen.faults:
            plan.work.append((seen, wanted))
            plan.notes += [f"{found.relative}: {note}" for note in seen.notes]
    if faults:
        raise Problem(
            "These files cannot land:\n" + "\n".join(f"  {fault}" for fault in faults),
            "Correct or move them, then run the same command again. Nothing was landed.",
        )
    return plan
