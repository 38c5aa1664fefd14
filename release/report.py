"""How releases look on the console."""

from __future__ import annotations

from gymhouse.console import out, size, table
from release.current import DELTA, Release


def show_published(result: dict) -> None:
    """What a publish did."""
    if result["unchanged"]:
        out.print(
            f"[bold green]unchanged:[/] every table equals the live release {result['release_id']}; it stays live"
        )
        return
    changed = [each for each in result["changed"] if each["changed"]]
    shown = table("changed table", "rows before", "rows now", numbers=("rows before", "rows now"))
    for each in changed:
        shown.add_row(each["table"], _count(each["rows_before"]), _count(each["rows_after"]))
    if changed:
        out.print(shown)
    layout = "Delta tables" if result["format"] == DELTA else "tables"
    out.print(
        f"[bold green]published:[/] {result['release_id']} is live: {result['tables']:,} {layout}, "
        f"{result['rows']:,} rows, {size(result['bytes'])} in {result['seconds']:.1f} s"
    )
    if result["pruned"]:
        out.print(f"removed {len(result['pruned'])} old releases: {', '.join(result['pruned'])}")


def show_list(found: list[Release], live: str | None) -> None:
    """All releases, the newest first."""
    shown = table("release", "created (UTC)", "tables", "rows", "size", "", numbers=("tables", "rows", "size"))
    for release in reversed(found):
        mark = "[bold green]live[/]" if release.id == live else ""
        if not release.is_readable:
            shown.add_row(release.id, "", "", "", "", f"{mark} [bold red]damaged[/]")
            continue
        tables = release.manifest["tables"]
        shown.add_row(
            release.id,
            release.manifest["created_at"][:16].replace("T", " "),
            f"{len(tables):,}",
            f"{sum(each['rows'] for each in tables):,}",
            size(sum(each["bytes"] for each in tables)),
            f"delta {mark}" if release.format == DELTA else mark,
        )
    out.print(shown)


def show_release(release: Release, live: str | None) -> None:
    """One release as a table."""
    manifest, gate = release.manifest, release.manifest["gate"]
    out.print(f"[bold]{release.id}[/]{' (live)' if release.id == live else ''}, created {manifest['created_at']}")
    engine = f" on {manifest['engine']}" if "engine" in manifest else ""
    out.print(f"dbt {manifest['dbt']['version']}{engine}, invocation {manifest['dbt']['invocation_id']}")
    out.print(f"gate: {gate['checks_passed']:,} checks on {gate['tables']:,} tables passed")
    shown = table("table", "rows", "columns", "size", "key", "sha256", numbers=("rows", "columns", "size"))
    for each in manifest["tables"]:
        shown.add_row(
            f"{each['schema']}.{each['name']}",
            f"{each['rows']:,}",
            f"{len(each['columns']):,}",
            size(each["bytes"]),
            ", ".join(each["key"]),
            each["sha256"][:12],
        )
    out.print(shown)


def _count(rows: int | None) -> str:
    return "-" if rows is None else f"{rows:,}"
