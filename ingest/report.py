"""Tell what a landing did: the table at its end, notes, rejects, and the same as JSON."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from gymhouse.console import err, out, table
from gymhouse.files import write_atomic
from ingest.land import Landed

if TYPE_CHECKING:
    from ingest.run import Outcome

_COUNTS = ("rows_read", "rows_landed", "rows_rejected")
_MANY = 12


def tell(outcome: Outcome, drops: str, rejected: str, dry_run: bool, json_path: Path | None) -> None:
    """Print what a landing of `drops` did; rejected rows lie in the folder `rejected`. Writes it as JSON, too."""
    if json_path:
        write_atomic(json_path, json.dumps(as_json(outcome, drops), indent=2, ensure_ascii=False) + "\n")
    if outcome.landed:
        show(outcome.landed, outcome.seconds, outcome.notes, rejected, dry_run)
    elif outcome.files:
        out.print(f"Nothing new: all {files_of(outcome.files)} had landed before ({outcome.seconds:.2f} s).")
        show_notes(outcome.notes)
    else:
        out.print(f"No data files in {escape(drops)}: nothing to land.")
    before = {one.file for one in outcome.already} - {one.file for one in outcome.landed}
    if outcome.landed and before:
        out.print(f"{len(before):,} of {files_of(outcome.files)} had landed before.")
    if outcome.ignored:
        out.print(f"Left alone, no data (licences, answers, temporary files): {files_of(outcome.ignored)}.")


def tell_batch(outcome: Outcome) -> None:
    """Print in a line what one batch of a stream did, and what it could not land."""
    landed, rejected = (
        sum(getattr(one, count) for one in outcome.landed) for count in ("rows_landed", "rows_rejected")
    )
    new, before = ({one.file for one in some} for some in (outcome.landed, outcome.already))
    told = [f"{landed:,} rows of {files_of(len(new))} landed, {rejected:,} rejected"] if new else []
    told += [f"{files_of(len(before - new))} had landed before"] if before - new else []
    if told:
        out.print(f"{datetime.now(UTC):%H:%M:%S} {'; '.join(told)}.")
    show_notes(outcome.notes)
    for what, _ in outcome.problems.values():
        err.print(f"[bold red]cannot land:[/] {escape(what)}")


def as_json(outcome: Outcome, drops: str) -> dict:
    """The result for machines; counts are rows, `seconds` wall time."""
    landed, already = outcome.landed, outcome.already
    return {
        "drops": drops,
        "seconds": round(outcome.seconds, 3),
        "files": outcome.files,
        **{count: sum(getattr(one, count) for one in landed) for count in _COUNTS},
        "already_landed": len({one.file for one in already} - {one.file for one in landed}),
        "batches": [
            {
                "source": one.table.source,
                "table": one.table.name,
                "file": one.file,
                "batch": one.batch,
                **{count: getattr(one, count) for count in _COUNTS},
                "seconds": round(one.seconds, 3),
                "already_landed": one.already_landed,
            }
            for one in [*landed, *already]
        ],
        "notes": outcome.notes,
    }


def notes_of(landed: list[Landed]) -> list[str]:
    """What is worth telling of the rows: columns that no table declares."""
    rescued: dict[str, set[str]] = defaultdict(set)
    for one in landed:
        rescued[one.table.label].update(one.rescued)
    return [
        f"{label}: undeclared {', '.join(sorted(names))}, kept in _rescued; declare what you need"
        for label, names in sorted(rescued.items())
        if names
    ]


def show(landed: list[Landed], seconds: float, notes: list[str], rejected_folder: str, dry_run: bool) -> None:
    """Print the table, the notes and the rejects of a landing that did something."""
    wide = ("files", "rows read", "would land" if dry_run else "landed", "rejected", "seconds", "rows/s")
    made = table("table", *wide, numbers=wide)
    grouped: dict[str, list[Landed]] = defaultdict(list)
    for one in landed:
        grouped[one.table.label].append(one)
    for label, some in sorted(grouped.items()):
        made.add_row(label, *_numbers(some, sum(one.seconds for one in some)))
    made.add_section()
    made.add_row("total", *_numbers(landed, seconds))
    out.print(made)
    show_notes(notes)
    rejects: Counter = Counter()
    for one in landed:
        for (column, reason), rows in one.rejects.items():
            rejects[one.table.label, column or "(whole row)", reason] += rows
    if rejects:
        out.print()
        bad = table("rejected", "column", "reason", "rows", numbers=("rows",))
        for (label, column, reason), rows in sorted(rejects.items()):
            bad.add_row(label, escape(column), reason, f"{rows:,}")
        out.print(bad)
        where = "They would lie" if dry_run else "They lie"
        out.print(f"{where} with their text in {escape(rejected_folder)}.")


def files_of(count: int) -> str:
    """`1 file`, `1,234 files`."""
    return f"{count:,} file{'' if count == 1 else 's'}"


def show_notes(notes: list[str]) -> None:
    """Print notes, the first of very many."""
    for note in notes[:_MANY]:
        out.print(f"[bold]note:[/] {escape(note)}")
    if len(notes) > _MANY:
        out.print(f"[bold]note:[/] … and {len(notes) - _MANY} more notes of that kind (--json PATH writes all)")


def _numbers(some: list[Landed], seconds: float) -> list[str]:
    read, landed, rejected = (sum(getattr(one, count) for one in some) for count in _COUNTS)
    pace = f"{read / seconds:,.0f}" if seconds else "-"
    return [
        f"{len({one.file for one in some}):,}",
        f"{read:,}",
        f"{landed:,}",
        f"{rejected:,}",
        f"{seconds:.2f}",
        pace,
    ]
