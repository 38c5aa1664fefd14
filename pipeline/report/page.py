"""Turn the record of a run into its page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.report import charts

HERE = Path(__file__).parent
SLOWEST = 10
LAYERS = ("bronze", "silver", "restricted", "gold", "seeds")
MARKS = {"published": "good", "unchanged": "good", "failed": "bad", "killed": "bad", "running": "soft"}


def page(report: dict, runs: Sequence[dict]) -> str:
    """The whole page as HTML, needing nothing beside itself.

    Args:
        report: the record of the run.
        runs: records of this run and those before it, newest first.
    """
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"count": _count, "seconds": _seconds, "size": _size, "text": as_text}
    detail = report["detail"]
    built = (detail["build"] or {}).get("tables", [])
    return environment.get_template("page.html.j2").render(
        report=report,
        detail=detail,
        style=(HERE / "style.css").read_text(),
        charts=charts,
        marks=MARKS,
        slowest=sorted(built, key=lambda table: -table["seconds"])[:SLOWEST],
        layers=_by_layer(built),
        changed=[each for each in (detail["release"] or {}).get("changed", []) if each["changed"]],
        runs=runs,
        run_columns=_run_columns(runs),
        row_lines=_row_lines(runs),
    )


def as_text(key: object) -> str:
    """A sample key as people read it: `user_id=7, device_id=3` for a key of several columns."""
    return ", ".join(f"{name}={value}" for name, value in key.items()) if isinstance(key, dict) else str(key)


def _by_layer(tables: list[dict]) -> list[tuple[str, list[dict]]]:
    found = {table["schema"] for table in tables}
    layers = [*(layer for layer in LAYERS if layer in found), *sorted(found - set(LAYERS))]
    return [(layer, [table for table in tables if table["schema"] == layer]) for layer in layers]


def _run_columns(runs: Sequence[dict]) -> list[tuple[float, str, str]]:
    return [
        (
            run.get("seconds", 0),
            MARKS[run["status"]],
            f"{run['run_id']}: {run['status']}, {_seconds(run.get('seconds', 0))}",
        )
        for run in reversed(runs)
    ]


def _row_lines(runs: Sequence[dict]) -> list[tuple[str, list[int | None]]]:
    """Rows of each gold table over the runs that built it, oldest first; tables of the newest build."""
    builds = [
        {table["name"]: table["rows"] for table in run["detail"]["build"]["tables"] if table["schema"] == "gold"}
        for run in reversed(runs)
        if run.get("detail", {}).get("build")
    ]
    return [(name, [build.get(name) for build in builds]) for name in sorted(builds[-1])] if builds else []


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _seconds(value: float) -> str:
    if value >= 60:
        return f"{int(value // 60)} min {value % 60:.0f} s"
    return f"{value:.1f} s" if value >= 0.95 else f"{value * 1000:.0f} ms"


def _size(value: float) -> str:
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
