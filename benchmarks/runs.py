"""Runs of the pipeline in a home of a benchmark's own, and what they cost step by step."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Measured, measure, module
from gymhouse.console import Problem
from gymhouse.home import Home
from pipeline.dbt import environment


@dataclass(frozen=True)
class Run:
    """One run: what it cost, the seconds of each step taken by its name, the rows that it landed, and its report."""

    cost: Measured
    steps: dict[str, float]
    rows: int
    report: dict


def run_pipeline(home: Home, drops: Path | None = None, taskset: str = "", **variables: str) -> Run:
    """`python -m pipeline run` into `home`, without `drops` of the simulated chain; a failure ends the benchmark."""
    known = set(home.runs.glob("*"))
    spills = (home.scratch, home.warehouse.with_name(f"{home.warehouse.name}.tmp"))
    command = module("pipeline", "run", *(["--drops", drops] if drops else []))
    cost = measure(command, environment(home) | variables, home.root / "run.log", spills, taskset)
    (folder,) = set(home.runs.glob("*")) - known
    report = json.loads((folder / "run_report.json").read_text())
    detail = report["detail"]
    detail = json.loads(detail) if isinstance(detail, str) else detail
    steps = {step["name"]: step["seconds"] for step in detail["steps"] if "seconds" in step}
    return Run(cost, steps, report["rows_landed"], report | {"detail": detail})


def nodes(home: Home) -> list[tuple[str, str, float]]:
    """What dbt built last in `home`: (kind, name, seconds), the slowest first."""
    results = json.loads((home.target / "run_results.json").read_text())["results"]
    found = [(*one["unique_id"].split(".")[::2], one["execution_time"]) for one in results]
    return sorted(((kind, name, seconds) for kind, name, seconds in found), key=lambda one: -one[2])


@contextmanager
def workplace(folder: Path | None, needed: int) -> Iterator[Path]:
    """A new folder (below `folder`, else where this machine keeps temporary files) that goes away at the end.

    Raises `Problem` when its disk has fewer free bytes than `needed`.
    """
    parent = folder or Path(tempfile.gettempdir())
    parent.mkdir(parents=True, exist_ok=True)
    if (free := shutil.disk_usage(parent).free) < needed:
        raise Problem(
            f"This needs some {needed / 1e9:.0f} GB of disk, and {parent} has {free / 1e9:.0f} GB free.",
            "Make room, name another place with --folder, or ask for fewer readings.",
        )
    with tempfile.TemporaryDirectory(dir=parent, prefix="gymhouse-benchmark-") as place:
        yield Path(place)
