"""Which steps a run takes, in which order, and the public command behind each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from gymhouse.home import DUCKDB, Home
from pipeline.dbt import NO_UNIT_TESTS, build_command, building
from pipeline.step import Step

REPORT_FILE = "run_report.json"


@dataclass(frozen=True)
class Options:
    """What the user asked of a run.

    `drops` None means the simulated chain; `keep` None means as many releases as `release` keeps by itself; `engine`
    builds the tables; `release_format` is how they are published, None for what `release` does by itself; `force`
    builds even if nothing is new.
    """

    # With one of these a run builds whatever it finds.
    INSISTING: ClassVar = ("full_refresh", "force")

    drops: Path | None = None
    full_refresh: bool = False
    accept_volume_drop: bool = False
    keep: int | None = None
    engine: str = DUCKDB
    release_format: str | None = None
    force: bool = False

    @property
    def insists(self) -> bool:
        """Whether the run builds whatever it finds."""
        return any(getattr(self, name) for name in self.INSISTING)


@dataclass(frozen=True)
class Results:
    """The files in a run's folder where the steps leave what they did, as JSON."""

    folder: Path

    @property
    def land(self) -> Path:
        """Counts per batch of the landed drops."""
        return self.folder / "land.json"

    @property
    def history(self) -> Path:
        """Counts per landed report of a former run."""
        return self.folder / "history.json"

    @property
    def gate(self) -> Path:
        """Verdict of the Soda checks."""
        return self.folder / "gate.json"

    @property
    def publish(self) -> Path:
        """The release, and what differs from the one before."""
        return self.folder / "publish.json"

    @property
    def failures(self) -> Path:
        """Failing dbt tests with sample keys."""
        return self.folder / "test_failures.json"

    def log(self, step: str) -> Path:
        """All that the step said."""
        return self.folder / "logs" / f"{step}.log"


def landing_steps(options: Options, home: Home, results: Results) -> list[Step]:
    """The steps that bring in what is new, in order. A step that fails ends the run."""
    drops = options.drops or home.drops
    steps = []
    if options.drops is None:
        steps.append(Step("simulate", "Simulate the exports of a gym chain", _module("data_gen", "--out", drops)))
    steps.append(
        Step("land", "Land the source files", _module("ingest", "files", "--drops", drops, "--json", results.land))
    )
    if any(home.runs.glob(f"*/{REPORT_FILE}")):
        former = _module("ingest", "files", "--drops", home.runs, "--source", "operations", "--json", results.history)
        steps.append(Step("history", "Land the reports of former runs", former))
    return steps


def making_steps(options: Options, home: Home, results: Results, ready: Callable[[], None]) -> list[Step]:
    """The steps that make a release of it, in order; left out when nothing is new. The build waits until `ready`."""
    refresh = ["--full-refresh"] if options.full_refresh else []
    # Unit tests judge the SQL, not the data: they are for whoever changes a model, and would cost a daily run a fifth
    # of its time.
    build = build_command(options.engine, *NO_UNIT_TESTS, *refresh)
    accept = ["--accept-volume-drop"] if options.accept_volume_drop else []
    on_engine = ["--engine", options.engine]
    gate = _module("quality", "gate", *on_engine, "--json", results.gate, *accept)
    further = ["--keep", options.keep] if options.keep else []
    further += ["--format", options.release_format] if options.release_format else []
    publish = _module("release", "publish", *on_engine, "--gate", results.gate, "--json", results.publish, *further)
    return [
        Step("build", "Build and test the tables (dbt)", build, partial(building, home, options.engine, ready)),
        Step("gate", "Check the contracts (Soda)", gate),
        Step("publish", "Publish the release", publish),
    ]


def failures_step(options: Options, results: Results) -> Step:
    """The step that names failing dbt tests, taken only when the build failed."""
    command = _module("quality", "failures", "--engine", options.engine, "--json", results.failures)
    return Step("explain", "Name what failed", command)


def _module(name: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", name, *map(str, arguments)]
