"""From a wearable vendor's drops to a gated release: `python -m benchmarks.billion [--readings N] [--memory 8GB]`.

Draws a chain and its heart-rate readings (a billion, unless fewer are asked for), drops them into an empty home and
runs the pipeline on two processors. Prints the seconds of each step and of the slowest models and tests, rows a second,
the largest memory of all processes together, and what was spilled to disk.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.runs import Run, nodes, run_pipeline, workplace
from benchmarks.wearable_vendor import Delivery, chain_of, make
from gymhouse.console import explains_problems, out, progress, table
from gymhouse.home import Home

# Drops, raw, tables and what is spilled, a reading.
DISK = 40
LIMIT_SECONDS, LIMIT_MEMORY = 15 * 60, 12e9
SHOWN = 15


def show(run: Run, made: Delivery, slowest: list[tuple[str, str, float]], size: int) -> None:
    """Print what the run cost."""
    steps = table("step", "seconds", "share", numbers=("seconds", "share"))
    for name, seconds in run.steps.items():
        steps.add_row(name, f"{seconds:.1f}", f"{seconds / run.cost.seconds:.0%}")
    steps.add_row("whole run", f"{run.cost.seconds:.1f}", "")
    out.print(
        f"{made.readings:,} readings of {made.workouts:,} workouts in {made.rows:,} rows, {made.bytes / 1e9:.2f} GB"
    )
    out.print(steps)
    parts = table("slowest of dbt", "", "seconds", numbers=("seconds",))
    for kind, name, seconds in slowest[:SHOWN]:
        parts.add_row(kind, name, f"{seconds:.1f}")
    out.print(parts)
    out.print(
        f"{made.rows / run.cost.seconds:,.0f} rows/s; {run.cost.work:.0f} s of processors;"
        f" peak memory of all processes {run.cost.memory / 1e9:.2f} GB; spilled {run.cost.spilled / 1e9:.2f} GB;"
        f" the home is {size / 1e9:.2f} GB"
    )
    met = run.cost.seconds < LIMIT_SECONDS and run.cost.memory < LIMIT_MEMORY
    out.print(f"under {LIMIT_SECONDS // 60} minutes and {LIMIT_MEMORY / 1e9:.0f} GB: {'yes' if met else 'no'}")
    step = {name: f"{run.steps.get(name, 0):.0f} s" for name in ("land", "build", "gate", "publish")}
    out.print("\nfor docs/performance.md:", markup=False)
    row = [f"{made.readings / 1e6:,.0f} M", *step.values(), f"**{run.cost.seconds:.0f} s**"]
    row += [f"{made.rows / run.cost.seconds / 1e6:.2f} M"]
    row += [f"{run.cost.memory / 1e9:.1f} GB", f"{run.cost.spilled / 1e9:.1f} GB", f"{size / 1e9:.1f} GB"]
    out.print(f"| {' | '.join(row)} |", markup=False)


@click.command()
@click.option("--readings", default=1_000_000_000, show_default=True, help="How many readings to aim at.")
@click.option("--days", default=100, show_default=True, help="Days of the chain; one file of the vendor each.")
@click.option("--memory", default="8GB", show_default=True, help="What DuckDB may use before it spills.")
@click.option("--processors", default="0,1", show_default=True, help="The processors to run on; empty: all.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data goes for the time being.")
@click.option("--json", "result_file", type=click.Path(path_type=Path), help="Write the numbers here, too.")
@explains_problems
def main(readings: int, days: int, memory: str, processors: str, folder: Path | None, result_file: Path | None) -> None:
    """Time the whole way of a vendor's readings, from the drop to the gated release."""
    with workplace(folder, readings * DISK) as place, progress("days") as bar:
        task = bar.add_task("drawing readings", total=days)
        made = make(place / "drops", chain_of(readings, days, seed=7), lambda day: bar.advance(task))
        out.print(f"drawn in {made.seconds:.0f} s; the run begins")
        home = Home(place / "home")
        run = run_pipeline(home, place / "drops", processors, GYMHOUSE_MEMORY=memory)
        slowest = nodes(home)
        size = sum(file.stat().st_size for file in home.root.rglob("*") if file.is_file())
    show(run, made, slowest, size)
    if result_file:
        numbers = {"made": asdict(made), "cost": asdict(run.cost), "steps": run.steps, "nodes": slowest, "home": size}
        result_file.write_text(json.dumps(numbers, indent=2) + "\n")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.billion")
