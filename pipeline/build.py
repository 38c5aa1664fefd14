"""Build the tables of one home on one engine, as whoever changes a model does: everything, unit tests too."""

from __future__ import annotations

import os
import subprocess
import sys

from gymhouse.console import Problem, out
from gymhouse.home import PROJECT, SPARK, Home
from gymhouse.lock import run_lock
from jvm.spark import require_spark
from pipeline.dbt import build_command, building, environment
from warehouse import require_free


def build(home: Home, engine: str, arguments: tuple[str, ...] = ()) -> int:
    """Run `dbt build` on `engine` over the lake of `home`, with dbt's further `arguments`; returns its exit status.

    A home with an empty lake is filled with the simulated chain first, and an unsettled lake is settled. What Spark's
    JVM says beside dbt goes to `<home>/logs/spark.log`.

    Raises:
        Problem: another run holds the home, Spark cannot start, or somebody has the tables open.
    """
    with run_lock(home.lock) as lock:
        if engine == SPARK:
            require_spark(home)
        require_free(home, engine)
        if not any(home.raw.glob("*/*/*/*.parquet")):
            _fill(home, lock.descriptor)
        elif home.unsettled.exists():
            _do([["ingest", "settle"]], home, lock.descriptor)
        home.warehouse.parent.mkdir(parents=True, exist_ok=True)
        noise = home.root / "logs" / f"{engine}.log"
        noise.parent.mkdir(parents=True, exist_ok=True)
        with building(home, engine), noise.open("wb") as said:
            status = _run(build_command(engine, *arguments), environment(home, engine), lock.descriptor, errors=said)
    if status != 0:
        out.print(f"The build on {engine} failed. What the engine said beside dbt: {noise}", markup=False)
    return status


def _fill(home: Home, lock: int) -> None:
    out.print(f"The lake of {home.root} is empty: simulating a gym chain and landing it first.", markup=False)
    _do([["data_gen", "--out", str(home.drops)], ["ingest", "files", "--drops", str(home.drops)]], home, lock)


def _do(commands: list[list[str]], home: Home, lock: int) -> None:
    here = environment(home)
    for command in commands:
        if _run([sys.executable, "-m", *command], here, lock) != 0:
            raise Problem(
                f"`python -m {' '.join(command)}` failed; what it said stands above.", "Put it right and repeat."
            )


def _run(command: list[str], at: dict[str, str], lock: int, errors=None) -> int:
    """Run `command` with its output on the console; it inherits the lock, as an orphan would still be at work."""
    colours = {"DBT_USE_COLORS": str(out.is_terminal).lower()}
    return subprocess.run(
        command, cwd=PROJECT, env={**os.environ, **colours, **at}, stderr=errors, pass_fds=[lock]
    ).returncode
