"""How the gate and the failures of dbt look on the console."""

from __future__ import annotations

from collections import Counter

from rich.markup import escape

from gymhouse.console import out, table


def show_verdict(verdict: dict) -> None:
    """A summary by schema, then every warning and failure with its keys."""
    failed = Counter(each["table"].split(".")[0] for each in verdict["failures"])
    tables = Counter(name.split(".")[0] for name in verdict["rows"])
    rows = Counter()
    for name, counted in verdict["rows"].items():
        rows[name.split(".")[0]] += counted or 0
    shown = table("schema", "tables", "rows", "failing checks", numbers=("tables", "rows", "failing checks"))
    for schema in sorted(tables):
        shown.add_row(schema, f"{tables[schema]:,}", f"{rows[schema]:,.0f}", f"{failed[schema]:,}")
    out.print(shown)
    for each in verdict["warnings"]:
        _show(each["table"], each["check"], each["message"], each["sample_keys"], "[yellow]warning[/]")
    for each in verdict["failures"]:
        _show(each["table"], each["check"], each["message"], each["sample_keys"], "[bold red]failed[/]")
    checks = verdict["checks_passed"] + verdict["checks_failed"] + verdict["checks_not_evaluated"]
    sums = f"{checks:,} checks on {verdict['tables']:,} tables in {verdict['seconds']:.1f} s"
    if verdict["passed"]:
        out.print(f"[bold green]gate passed:[/] {sums}")
    else:
        out.print(
            f"[bold red]gate failed:[/] {sums}; {verdict['checks_failed']:,} failed, "
            f"{verdict['checks_not_evaluated']:,} not evaluated. Nothing will be published; the live release stays."
        )


def show_failures(failures: list[dict]) -> None:
    """Every failed dbt node with its keys, or that there is none."""
    if not failures:
        out.print("The last dbt command had no failures.")
    for each in failures:
        _show(
            each["table"] or "-",
            f"{each['kind']} {each['name']}",
            each["message"],
            each["sample_keys"],
            "[bold red]failed[/]",
        )


def _show(where: str, check: str, message: str, keys: list[dict], word: str) -> None:
    out.print(f"{word} {escape(where)} · {escape(check)}")
    out.print(f"       {escape(message)}")
    for key in keys:
        out.print("       " + escape(", ".join(f"{name}={value}" for name, value in key.items())))
