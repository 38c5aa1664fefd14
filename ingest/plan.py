"""Decide what to land, before anything is written, out of what every file was found to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from gymhouse.console import Problem
from ingest.contract import Table
from ingest.drops import Discovery, Found
from ingest.examine import Examined
from ingest.lake import Lake
from ingest.land import Landed, Work


@dataclass(frozen=True)
class Wanted:
    """Which content is worth looking into: what some table of a file lacks. Travels to whoever examines the file.

    `landed` maps the tables that are asked for to the batches that lie in them.
    """

    landed: dict[Table, frozenset[str]]

    def tables(self, found: Found, batch: str) -> list[Table]:
        """The tables that lack the content `batch` of the file."""
        return [table for table in self.asked(found) if batch not in self.landed[table]]

    def asked(self, found: Found) -> list[Table]:
        """The tables of the file that are asked for."""
        return [one.table for one in found.candidates if one.table in self.landed]


@dataclass
class Plan:
    """What there is to do.

    `work` holds files with the tables they have yet to land in, `already` what lies in the lake, `notes` what is worth
    telling, `faults` by file why it cannot land.
    """

    work: list[tuple[Examined, list[Table]]] = field(default_factory=list)
    already: list[Landed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: dict[str, list[str]] = field(default_factory=dict)

    def require_sound(self) -> None:
        """Raise `Problem` that names every file which cannot land."""
        if self.faults:
            told = [f"  {file}: {fault}" for file, faults in self.faults.items() for fault in faults]
            raise Problem(
                "These files cannot land:\n" + "\n".join(told),
                "Correct, rename or move them, or declare their names in a source (docs/landing.md), then run the same"
                " command again. Nothing was landed.",
            )


def wanted_of(discovery: Discovery, lake: Lake, sources: tuple[str, ...] = ()) -> Wanted:
    """What the lake still lacks of the tables that the files may hold."""
    tables = {candidate.table for found in discovery.files for candidate in found.candidates}
    asked = [table for table in tables if not sources or table.source in sources]
    return Wanted({table: lake.landed(table) for table in asked})


def make_plan(
    discovery: Discovery, wanted: Wanted, examined: Iterable[Examined], step: Callable[[], None] = lambda: None
) -> Plan:
    """Sort the `examined` files, which come in the order of `discovery` (`step` is called after each)."""
    plan = Plan(faults={file: [why] for file, why in discovery.strangers.items()})
    first: dict[tuple[Table, str], str] = {}
    told: dict[tuple[str, str], list[str]] = {}
    for seen in examined:
        step()
        file, new = seen.found.relative, []
        lacking = wanted.tables(seen.found, seen.batch) if seen.batch else []
        for table in wanted.asked(seen.found) if seen.batch else []:
            if table not in lacking:
                plan.already.append(Landed(table, file, seen.batch, already_landed=True))
            elif twin := first.get((table, seen.batch)):
                plan.notes.append(f"{file} has the same content as {twin}: landed once in {table.label}")
            else:
                first[table, seen.batch] = file
                new.append(table)
        if seen.faults and (new or not seen.batch):
            plan.faults[file] = seen.faults
        elif new:
            plan.work.append((seen, new))
            for note in seen.notes:
                told.setdefault((new[0].label, note), []).append(file)
    for (label, note), files in told.items():
        plan.notes.append(f"{label}: {files[0]}{f' and {len(files) - 1:,} more' if len(files) > 1 else ''} {note}")
    return plan


def still_to_land(work: list[tuple[Examined, list[Table]]], lake: Lake) -> Iterator[Work]:
    """The work that nobody else has done since it was planned; to be asked while the lake is held."""
    tables = {table for _, wanted in work for table in wanted}
    landed = {table: lake.landed(table) for table in tables}
    rejects = {table: lake.rejects(table) for table in tables}
    for seen, wanted in work:
        if lacking := tuple(table for table in wanted if seen.batch not in landed[table]):
            yield Work(seen, lacking, {table: rejects[table].get(seen.batch, []) for table in lacking})
