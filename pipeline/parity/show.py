"""The comparison on the console: a line a table, its differences below, a summary at the end."""

from __future__ import annotations

from gymhouse.console import out
from gymhouse.home import DUCKDB, ENGINES, SPARK
from pipeline.parity.verdict import Example, Verdict


def show_verdict(verdict: Verdict, width: int = 0) -> None:
    """One line for the table, its name `width` characters wide; below it what differs, the first few of each kind."""
    mark = "[green]✓[/]" if verdict.equal else "[bold red]✗[/]"
    out.print(f"{mark} {verdict.table:<{width}} {_rows(verdict):>16}{_said(verdict.notes)}")
    for line in _lines(verdict):
        out.print(f"    {line}", markup=False)


def show_summary(verdicts: list[Verdict], seconds: float) -> None:
    """How many tables, rows and differences, in one line."""
    unequal = [verdict for verdict in verdicts if not verdict.equal]
    rows = sum(verdict.rows[DUCKDB] or 0 for verdict in verdicts)
    out.print()
    compared = f"{len(verdicts)} tables, {rows:,} rows compared in {seconds:.0f} s"
    if not unequal:
        out.print(f"[green]{DUCKDB} and {SPARK} hold the same rows.[/] {compared}.")
        return
    count = sum(verdict.differences for verdict in unequal)
    out.print(
        f"[bold red]{DUCKDB} and {SPARK} differ in {len(unequal)} of[/] {compared}; {count:,} rows or values differ."
    )
    out.print("docs/portability.md says what usually makes engines differ, and what to write instead.", markup=False)


def _rows(verdict: Verdict) -> str:
    counts = [verdict.rows[engine] for engine in ENGINES]
    if None in counts:
        return "missing"
    return f"{counts[0]:,} rows" if counts[0] == counts[1] else f"{counts[0]:,} | {counts[1]:,} rows"


def _said(notes: tuple[str, ...]) -> str:
    return f"  [dim]({'; '.join(notes)})[/]" if notes else ""


def _lines(verdict: Verdict) -> list[str]:
    lines = list(verdict.structure)
    for engine, count in verdict.only.items():
        lines.append(f"{count:,} rows are on {engine} only:")
        lines += _examples([each for each in verdict.examples if each.only_on == engine], count)
    for column, count in verdict.changed.items():
        lines.append(f"{column} differs in {count:,} rows:")
        lines += _examples([each for each in verdict.examples if each.column == column], count)
    return lines


def _examples(examples: list[Example], count: int) -> list[str]:
    lines = [f"  {_key(each)}{_values(each)}" for each in examples]
    return [*lines, f"  … and {count - len(examples):,} more"] if count > len(examples) else lines


def _key(example: Example) -> str:
    return ", ".join(f"{name}={value}" for name, value in example.key.items())


def _values(example: Example) -> str:
    return f": {', '.join(f'{engine} {value}' for engine, value in example.values.items())}" if example.values else ""
