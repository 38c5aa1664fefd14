"""Tell what a landing did: the table at its end, notes, rejects, and the same as JSON."""

from __future__ import annotations

from collections import Counter, defaultdict

from rich.markup import escape

from gymhouse.console import out, table
from ingest.land import Landed

_COUNTS = ("rows_read", "rows_landed", "rows_rejected")
_MANY = 12


def as_json(
    drops: str, seconds: float, landed: list[Landed], already: list[Landed], notes: list[str], files: int
) -> dict:
    """The result for machines; counts are rows, `seconds` wall time."""
    return {
        "drops": drops,
        "seconds": round(seconds, 3),
        "files": files,
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
        "notes": notes,
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
