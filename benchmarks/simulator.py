"""How fast the simulator writes: `python -m benchmarks.simulator [--rounds N]`.

In turns: the simulator at a size where readings prevail, and the TPC-H generator `tpchgen-cli` (pip install
tpchgen-cli) writing Parquet, each with two processors. Prints rows a second of both, their ratio, the peak memory.
"""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
from pathlib import Path

import click
import pyarrow.parquet as pq

from benchmarks.measuring import Measured, measure, module
from gymhouse.console import Problem, explains_problems, out, table


@click.command()
@click.option("--rounds", default=3, show_default=True, help="How often each is run, in turns.")
@click.option("--members", default=20_000, show_default=True, help="People who are its members at some time.")
@click.option("--days", default=17, show_default=True, help="Its days.")
@click.option("--heart-rate", default=34_000_000, show_default=True, help="Its readings.")
@click.option("--scale", default=4, show_default=True, help="Scale factor of TPC-H; 1 is 8.7 million rows.")
@click.option("--peer", default="tpchgen-cli", show_default=True, help="The other generator's command.")
@explains_problems
def main(rounds: int, members: int, days: int, heart_rate: int, scale: int, peer: str) -> None:
    """Rows a second of the simulator beside those of tpchgen-cli."""
    if shutil.which(peer) is None:
        raise Problem(f"There is no command {peer}.", "Install it (pip install tpchgen-cli), or name it with --peer.")
    chain = ["--members", members, "--days", days, "--heart-rate", heart_rate]
    ours, theirs = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            ours.append(_simulate(Path(folder), chain))
        with tempfile.TemporaryDirectory() as folder:
            theirs.append(_peer(Path(folder), peer, scale))
    shown = table("", "rows", "seconds", "rows/s", "peak MB", numbers=("rows", "seconds", "rows/s", "peak MB"))
    for name, runs in (("simulator, CSV and JSON", ours), (f"{peer}, Parquet", theirs)):
        rows, seconds = runs[0][0], statistics.median(cost.seconds for _, cost in runs)
        memory = max(cost.memory for _, cost in runs) / 1e6
        shown.add_row(name, f"{rows:,}", f"{seconds:.1f}", f"{rows / seconds:,.0f}", f"{memory:,.0f}")
    out.print(shown)
    pairs = [(a[0] / a[1].seconds) / (b[0] / b[1].seconds) for a, b in zip(ours, theirs, strict=True)]
    out.print(f"ours to theirs, rows a second of each pair: {', '.join(f'{one:.2f}' for one in pairs)}")


def _simulate(folder: Path, chain: list) -> tuple[int, Measured]:
    result = folder / "result.json"
    command = module("data_gen", "--out", folder / "drops", "--json", result, *chain)
    cost = measure(command, {}, folder / "said.log", taskset="0,1")
    return json.loads(result.read_text())["rows"], cost


def _peer(folder: Path, peer: str, scale: int) -> tuple[int, Measured]:
    command = [peer, "parquet", "-s", str(scale), "--output-dir", str(folder / "tpch")]
    cost = measure(command, {}, folder / "said.log", taskset="0,1")
    return sum(pq.read_metadata(path).num_rows for path in (folder / "tpch").rglob("*.parquet")), cost


if __name__ == "__main__":
    main()
