"""The same models on DuckDB and on a local Spark, in turn: `python -m benchmarks.engines [--heart-rate N]`.

Simulates and lands a chain once, then builds every seed, model and snapshot (no tests) on each engine over that one
lake, each time into an empty warehouse. Prints median seconds of the whole command and of dbt's part after its start,
the largest memory of all its processes together, and the ratio, with the rows of the lake.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click
import duckdb

from benchmarks.measuring import measure
from gymhouse.console import out, table
from gymhouse.home import DUCKDB, ENGINES, PROJECT, SPARK, Home
from jvm.spark import require_spark
from pipeline.dbt import NO_TESTS, build_command, environment


@dataclass(frozen=True)
class Build:
    """One build: seconds of the command, seconds that dbt counts for its nodes, peak bytes of the process tree."""

    seconds: float
    nodes: float
    memory: int


def build(home: Home, engine: str) -> Build:
    """Build all tables of `home` anew on `engine`."""
    shutil.rmtree(home.warehouse.parent if engine == DUCKDB else home.spark, ignore_errors=True)
    home.warehouse.parent.mkdir(exist_ok=True)
    log = home.root / f"{engine}.log"
    measured = measure(build_command(engine, *NO_TESTS), environment(home, engine), log)
    results = json.loads((home.target_of(engine) / "run_results.json").read_text())
    return Build(measured.seconds, results["elapsed_time"], measured.memory)


def fill(home: Home, simulate: list[str]) -> None:
    """Simulate a chain and land it."""
    drops = ["--out", str(home.drops)]
    for command in (["data_gen", *drops, *simulate], ["ingest", "files", "--drops", str(home.drops)]):
        subprocess.run(
            [sys.executable, "-m", *command],
            cwd=PROJECT,
            env={**os.environ, **environment(home)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
    shutil.rmtree(home.drops)


def landed(home: Home) -> tuple[int, int]:
    """Rows of the lake: all of them, and heart-rate readings."""
    ledger = home.raw / "operations" / "batches" / "*" / "*.parquet"
    return duckdb.execute(
        "select sum(rows_landed), sum(rows_landed) filter (table_name = 'bpm') from read_parquet(?)", [str(ledger)]
    ).fetchone()


@click.command()
@click.option("--members", default=300, show_default=True, help="Members of the simulated chain.")
@click.option("--days", default=28, show_default=True, help="Days of it.")
@click.option("--heart-rate", type=int, help="Heart-rate readings to aim at.  [default: as the simulator draws them]")
@click.option("--rounds", default=3, show_default=True, help="Builds on each engine.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data goes for the time being.")
def main(members: int, days: int, heart_rate: int | None, rounds: int, folder: Path | None) -> None:
    """Time the same build on DuckDB and on a local Spark with Delta."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        home = Home(Path(place))
        home.jars.symlink_to(Home(PROJECT / "var").jars)
        require_spark(home)
        simulate = ["--members", str(members), "--days", str(days)]
        fill(home, simulate + (["--heart-rate", str(heart_rate)] if heart_rate else []))
        built = {engine: [] for engine in ENGINES}
        for _ in range(rounds):
            for engine in ENGINES:
                built[engine].append(build(home, engine))
        rows, readings = landed(home)
    median = {
        engine: {name: statistics.median(getattr(one, name) for one in runs) for name in ("seconds", "nodes")}
        for engine, runs in built.items()
    }
    columns = ("s, whole command", "s, nodes", "peak MB")
    shown = table("engine", *columns, numbers=columns)
    for engine, runs in built.items():
        peak = max(one.memory for one in runs) / 1e6
        shown.add_row(engine, f"{median[engine]['seconds']:.1f}", f"{median[engine]['nodes']:.1f}", f"{peak:,.0f}")
    out.print(f"{rows:,} rows in the lake, {readings:,} of them heart-rate readings; {rounds} rounds, median")
    out.print(shown)
    for name, what in (("seconds", "whole command"), ("nodes", "nodes")):
        out.print(f"Spark over DuckDB, {what}: {median[SPARK][name] / median[DUCKDB][name]:.1f} times")


if __name__ == "__main__":
    main()
