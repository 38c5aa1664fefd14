"""How long the whole way takes: `python -m benchmarks.whole_run [--runs N]`.

Runs the pipeline on the simulated chain in fresh homes, and in each once more with nothing new to land, the environment
being ready. Prints the median seconds and the largest peak memory of each step, the rows, and the ten slowest tables.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import click

from benchmarks.runs import nodes, run_pipeline
from gymhouse.console import out, table
from gymhouse.home import Home


def show(title: str, reports: list[dict]) -> None:
    """Print what the runs took, step by step."""
    shown = table(title, "median s", "min s", "max s", "peak MB", numbers=("median s", "min s", "max s", "peak MB"))
    for number, step in enumerate(reports[0]["detail"]["steps"]):
        steps = [report["detail"]["steps"][number] for report in reports]
        seconds = [each["seconds"] for each in steps]
        memory = max(each["peak_memory_bytes"] for each in steps) / 1e6
        shown.add_row(step["title"], *(f"{f(seconds):.1f}" for f in (statistics.median, min, max)), f"{memory:.0f}")
    seconds = [report["seconds"] for report in reports]
    memory = max(report["peak_memory_bytes"] for report in reports) / 1e6
    shown.add_row("whole run", *(f"{f(seconds):.1f}" for f in (statistics.median, min, max)), f"{memory:.0f}")
    out.print(shown)
    out.print(f"rows landed: {reports[0]['rows_landed']:,}, rejected: {reports[0]['rows_rejected']:,}\n")


def show_slowest(built: list[tuple[str, str, float]], count: int = 10) -> None:
    """Print the tables that took longest in one build."""
    shown = table("slowest tables", "s", numbers=("s",))
    for name, seconds in [(name, seconds) for kind, name, seconds in built if kind == "model"][:count]:
        shown.add_row(name, f"{seconds:.2f}")
    out.print(shown)


@click.command()
@click.option("--runs", default=3, show_default=True, help="Fresh homes to run in.")
def main(runs: int) -> None:
    """Time the whole run on the simulated chain."""
    first, again, built = [], [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder))
            first.append(run_pipeline(home).report)
            built = nodes(home)
            again.append(run_pipeline(home).report)
    show("first run", first)
    show("nothing new", again)
    show_slowest(built)


if __name__ == "__main__":
    main()
