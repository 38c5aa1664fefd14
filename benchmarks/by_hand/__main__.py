"""Our build beside one hand-written SQL script over the same raw files: `python -m benchmarks.by_hand [--readings N]`.

Lands a wearable vendor's readings once, then in turn builds all tables and tests with dbt into an empty warehouse and
lets DuckDB run `gold.sql` into an empty file, on two processors and with the same memory. Compares the rows of every
gold table that the script makes. Prints medians, the ratio, peak memory of all processes, and where our time goes.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
from collections import defaultdict
from pathlib import Path

import click
import duckdb

from benchmarks.measuring import Measured, measure, module
from benchmarks.runs import nodes, workplace
from benchmarks.wearable_vendor import chain_of, make
from gymhouse.console import explains_problems, out, table
from gymhouse.home import DUCKDB, PROJECT, Home
from pipeline.dbt import NO_UNIT_TESTS, build_command, environment

SCRIPT = Path(__file__).with_name("gold.sql")
DISK = 60  # bytes a reading
AIM = 1.5
# What a model or test is for, by the beginning of its name; the first that fits.
PARTS = (
    ("test", "", "tests"),
    ("snapshot", "", "snapshot of profiles"),
    ("seed", "", "seeds"),
    ("operation", "", "start: schemas, views over the lake"),
    ("model", "int_heart_rate_counted", "records of rows: quarantine, counts, reconciliation"),
    ("model", "int_rows_quarantined", "records of rows: quarantine, counts, reconciliation"),
    ("model", "quarantined_rows", "records of rows: quarantine, counts, reconciliation"),
    ("model", "rejected_rows", "records of rows: quarantine, counts, reconciliation"),
    ("model", "row_reconciliation", "records of rows: quarantine, counts, reconciliation"),
    ("model", "int_heart_rate", "silver of the readings, kept and fingerprinted"),
    ("model", "", "all other models"),
)


def run_script(raw: Path, database: Path, memory: str) -> None:
    """What the measured process does: run `gold.sql` over the lake's folder `raw` into the new file `database`."""
    settings = {"threads": 2, "memory_limit": memory, "preserve_insertion_order": False}
    with duckdb.connect(str(database), config=settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set variable raw = '{raw}'")
        connection.execute(f"set variable seeds = '{PROJECT / 'seeds'}'")
        connection.execute(SCRIPT.read_text())


def build_ours(home: Home, memory: str, processors: str) -> Measured:
    """Build and test all tables of `home` into an empty warehouse, as the daily run does."""
    shutil.rmtree(home.warehouse.parent, ignore_errors=True)
    home.warehouse.parent.mkdir()
    command = build_command(DUCKDB, *NO_UNIT_TESTS)
    spill = home.warehouse.with_name(f"{home.warehouse.name}.tmp")
    return measure(
        command, environment(home) | {"GYMHOUSE_MEMORY": memory}, home.root / "ours.log", (spill,), processors
    )


def build_by_hand(home: Home, database: Path, memory: str, processors: str) -> Measured:
    """Run the script over the raw files of `home`."""
    database.unlink(missing_ok=True)
    command = module("benchmarks.by_hand", "--run", home.raw, database, memory)
    spill = database.with_name(f"{database.name}.tmp")
    return measure(command, {}, home.root / "by_hand.log", (spill,), processors)


def differences(home: Home, database: Path) -> dict[str, tuple[int, int]]:
    """By gold table of the script: its rows, and how many rows are in it or in ours alone."""
    found = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'gold'").fetchall()
        connection.execute(f"attach '{home.warehouse}' as ours (read_only)")
        here = database.stem
        for (name,) in sorted(names):
            described = connection.execute(f"describe ours.gold.{name}").fetchall()
            columns = ", ".join(column[0] for column in described)
            one, other = (f"select {columns} from {place}.gold.{name}" for place in (here, "ours"))
            both = f"(({one} except all {other}) union all ({other} except all {one}))"
            rows = connection.execute(f"select count(*) from {here}.gold.{name}").fetchone()[0]
            found[name] = (rows, connection.execute(f"select count(*) from {both}").fetchone()[0])
    return found


def parts(home: Home, whole: float) -> dict[str, float]:
    """Seconds of our build by what they are for; two of dbt's threads work at once, so they add up to more."""
    spent = defaultdict(float)
    for kind, name, seconds in nodes(home):
        part = next(part for of, begins, part in PARTS if kind == of and name.startswith(begins))
        about_readings = "heart_rate" in name or "bpm" in name
        spent["tests of the readings" if part == "tests" and about_readings else part] += seconds
    elapsed = json.loads((home.target / "run_results.json").read_text())["elapsed_time"]
    spent["dbt's start: Python, parsing"] = whole - elapsed
    return dict(sorted(spent.items(), key=lambda one: -one[1]))


@click.command()
@click.option("--readings", default=100_000_000, show_default=True, help="How many readings to aim at.")
@click.option("--days", default=60, show_default=True, help="Days of the chain; one file of the vendor each.")
@click.option("--rounds", default=3, show_default=True, help="How often each is measured, in turn.")
@click.option("--memory", default="8GB", show_default=True, help="What DuckDB may use before it spills.")
@click.option("--processors", default="0,1", show_default=True, help="The processors to run on; empty: all.")
@click.option("--home", "landed", type=click.Path(path_type=Path), help="A home with a lake to use instead.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data goes for the time being.")
@click.option("--json", "result_file", type=click.Path(path_type=Path), help="Write the numbers here, too.")
@click.option("--run", nargs=3, hidden=True)
@explains_problems
def main(
    readings: int, days: int, rounds: int, memory: str, processors: str, landed: Path | None, folder: Path | None,
    result_file: Path | None, run: tuple[str, str, str] | None,
) -> None:  # fmt: skip
    """Time our build beside a hand-written script that gives the same gold."""
    if run:
        run_script(Path(run[0]), Path(run[1]), run[2])
        return
    with workplace(folder, readings * DISK) as place:
        home = Home(place / "home")
        home.root.mkdir()
        if landed:
            home.lake.symlink_to(Home(landed.resolve()).lake)
        else:
            make(place / "drops", chain_of(readings, days, seed=7))
            land = module("ingest", "files", "--drops", place / "drops")
            measure(land, environment(home), home.root / "land.log")
            shutil.rmtree(place / "drops")
        database = place / "by_hand.duckdb"
        ours, theirs = [], []
        for round_ in range(1, rounds + 1):
            out.print(f"round {round_} of {rounds}")
            ours.append(build_ours(home, memory, processors))
            theirs.append(build_by_hand(home, database, memory, processors))
        compared = differences(home, database)
        spent = parts(home, ours[-1].seconds)
        counted = f"select count(*) from read_parquet('{home.raw}/devices/bpm/**/*.parquet', hive_partitioning = false)"
        rows = duckdb.execute(counted).fetchone()[0]
    show(rows, ours, theirs, compared, spent)
    if result_file:
        told = {"rows": rows, "ours": [vars(one) for one in ours], "by_hand": [vars(one) for one in theirs]}
        told |= {"differences": compared, "parts": spent}
        result_file.write_text(json.dumps(told, indent=2) + "\n")
    if different := [name for name, (_, rows) in compared.items() if rows]:
        raise SystemExit(f"different rows in {', '.join(different)}: the figures compare nothing")


def show(
    rows: int,
    ours: list[Measured],
    theirs: list[Measured],
    compared: dict[str, tuple[int, int]],
    spent: dict[str, float],
) -> None:
    """Print what both cost, what they gave, and where our time went."""
    tables = table("gold table", "rows", "different", numbers=("rows", "different"))
    for name, (count, different) in compared.items():
        tables.add_row(name, f"{count:,}", f"{different:,}")
    out.print(tables)
    went = table("our last build, seconds of its threads", "seconds", numbers=("seconds",))
    for part, seconds in spent.items():
        went.add_row(part, f"{seconds:.1f}")
    out.print(went)
    ratio = statistics.median(one.seconds / other.seconds for one, other in zip(ours, theirs, strict=True))
    mine, other = (statistics.median(one.seconds for one in runs) for runs in (ours, theirs))
    memory = [max(one.memory for one in runs) / 1e9 for runs in (ours, theirs)]
    out.print(f"{rows:,} raw readings, {len(ours)} rounds, medians, {os.cpu_count()} processors here")
    out.print(f"ours {mine:.1f} s, by hand {other:.1f} s: {ratio:.2f} times (aim: {AIM} at most)")
    work = statistics.median(one.work / other.work for one, other in zip(ours, theirs, strict=True))
    out.print(f"seconds of processors, which tell more on a busy machine: {work:.2f} times")
    out.print("\nfor docs/performance.md:", markup=False)
    out.print(
        f"| {rows / 1e6:,.0f} M | {mine:.1f} s | {memory[0]:.1f} GB | {other:.1f} s | {memory[1]:.1f} GB"
        f" | **{ratio:.2f}** |",
        markup=False,
    )


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.by_hand")
