"""`python -m pipeline profile`."""

from __future__ import annotations

import json

import click
from rich.markup import escape

from gymhouse.console import explains_problems, out, size, table
from gymhouse.home import DUCKDB, ENGINES, home
from pipeline.profile.profile import profile

MARK = "●"


@click.command("profile")
@click.option("--engine", type=click.Choice(ENGINES), default=DUCKDB, show_default=True, help="Whose build.")
@click.option("--top", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="How many tables.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON instead.")
@explains_problems
def profile_command(engine: str, top: int, as_json: bool) -> None:
    """Print where the time of the last build went: the slowest tables, and the chain that no thread shortens."""
    told = profile(home(), engine)
    if as_json:
        return click.echo(json.dumps(told, indent=2))
    _show_tables(told, top)
    _show_threads(told)
    _show_path(told["critical_path"])


def _show_tables(told: dict, top: int) -> None:
    numbers = ("seconds", "tests", "share", "rows", "bytes")
    shown = table("", "table", *numbers, numbers=numbers)
    for each in told["tables"][:top]:
        shown.add_row(MARK if each["is_critical"] else "", f"{each['schema']}.{each['name']}", *_cells(each))
    if rest := told["tables"][top:]:
        summed = ("seconds", "test_seconds", "share", "rows", "bytes")
        sums = {name: sum(each[name] or 0 for each in rest) for name in summed}
        shown.add_row("", f"{len(rest)} more", *_cells(sums))
    out.print(shown)
    out.print(
        f"{MARK} on the critical path. Seconds of the table and of its tests, and the share of both in all that was "
        f"worked. Bytes: {told['stored_as']}."
    )


def _cells(each: dict) -> list[str]:
    return [
        f"{each['seconds']:.2f}",
        f"{each['test_seconds']:.2f}",
        f"{each['share']:.1%}",
        "-" if each["rows"] is None else f"{each['rows']:,}",
        "-" if each["bytes"] is None else size(each["bytes"]),
    ]


def _show_threads(told: dict) -> None:
    span, threads = told["seconds"], told["threads"]
    idle = told["idle"] / (threads * span) if span else 0
    out.print()
    out.print(
        f"[bold]Build[/] of {told['begun_at']} on {told['engine']}: {span:.1f} s for all nodes, {told['worked']:.1f} s "
        f"worked by {threads} threads, idle {told['idle']:.1f} s ({idle:.0%})"
    )


def _show_path(path: dict) -> None:
    out.print(f"[bold]Critical path[/]: {path['seconds']:.1f} s, which more threads would not shorten")
    for each in path["nodes"]:
        kind = "" if each["kind"] == "model" else f" ({each['kind']})"
        out.print(f"  {each['seconds']:6.2f} s  {escape(each['name'])}{kind}")
