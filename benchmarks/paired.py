"""Our build beside another way to the same gold: the shared lake, the costs, the compared rows, what is printed."""

from __future__ import annotations

import json
import os
import shutil
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click
import duckdb

from benchmarks.measuring import Measured, measure, module
from benchmarks.runs import nodes, workplace
from benchmarks.wearable_vendor import chain_of, make
from gymhouse.console import out, table
from gymhouse.home import DUCKDB, PROJECT, Home
from pipeline.dbt import NO_TESTS, NO_UNIT_TESTS, build_command, environment

OURS, BARE = "our build with its tests", "our build without tests"
DISK = 60  # bytes a reading
RECORDS = "records of rows: quarantine, counts, reconciliation"
# What a model or test is for, by its kind and the beginning of its name; the first that fits.
PARTS = (
    ("test", "", "tests"),
    ("snapshot", "", "snapshot of profiles"),
    ("seed", "", "seeds"),
    ("operation", "", "start: schemas, views over the lake"),
    ("model", "int_heart_rate_counted", RECORDS),
    ("model", "int_rows_quarantined", RECORDS),
    ("model", "quarantined_rows", RECORDS),
    ("model", "rejected_rows", RECORDS),
    ("model", "row_reconciliation", RECORDS),
    ("model", "int_heart_rate", "silver of the readings, kept and fingerprinted"),
    ("model", "", "all other models"),
)


@dataclass
class Setting:
    """What all builds of one benchmark share."""

    home: Home
    memory: str
    processors: str

    @property
    def raw_readings(self) -> int:
        """Rows of the raw table of readings."""
        files = f"{self.home.raw}/devices/bpm/**/*.parquet"
        return duckdb.sql(f"select count(*) from read_parquet('{files}', hive_partitioning = false)").fetchone()[0]


@dataclass
class Pairs:
    """Costs of each turn by way, what the tables of the other way hold, and the parts of our last build."""

    costs: dict[str, list[Measured]] = field(default_factory=lambda: defaultdict(list))
    differences: dict[str, tuple[int, int]] = field(default_factory=dict)
    parts: dict[str, float] = field(default_factory=dict)

    def ratio(self, way: str, to: str, of: str = "seconds") -> float:
        """Median over the turns of what `way` took over what `to` took."""
        pairs = zip(self.costs[way], self.costs[to], strict=True)
        return statistics.median(getattr(one, of) / getattr(other, of) for one, other in pairs)

    def median(self, way: str, of: str = "seconds") -> float:
        """Median over the turns."""
        return statistics.median(getattr(one, of) for one in self.costs[way])


def options(readings: int) -> Callable:
    """The options that the benchmarks of pairs share; `readings` is how many there are by default."""

    def decorate(command: Callable) -> Callable:
        for option in reversed(
            [
                click.option("--readings", default=readings, show_default=True, help="How many readings to aim at."),
                click.option("--days", default=60, show_default=True, help="Days of the chain; one drop each."),
                click.option("--rounds", default=3, show_default=True, help="How often each is measured, in turn."),
                click.option("--memory", default="8GB", show_default=True, help="What DuckDB may use."),
                click.option("--processors", default="0,1", show_default=True, help="Which to run on; empty: all."),
                click.option("--home", "landed", type=click.Path(path_type=Path), help="Use the lake of this home."),
                click.option("--folder", type=click.Path(path_type=Path), help="Where the data goes meanwhile."),
                click.option("--json", "result_file", type=click.Path(path_type=Path), help="Write the numbers here."),
            ]
        ):
            command = option(command)
        return command

    return decorate


@contextmanager
def landed_readings(
    readings: int, days: int, memory: str, processors: str, landed: Path | None, folder: Path | None
) -> Iterator[Setting]:
    """A home whose lake holds a vendor's readings, in a folder that goes away; `landed`: the lake of that home."""
    with workplace(folder, readings * DISK) as place:
        home = Home(place / "home")
        home.root.mkdir()
        home.jars.symlink_to(Home(PROJECT / "var").jars)
        if landed:
            home.lake.symlink_to(Home(landed.resolve()).lake)
        else:
            make(place / "drops", chain_of(readings, days, seed=7))
            out.print("readings drawn; landing them")
            measure(module("ingest", "files", "--drops", place / "drops"), environment(home), home.root / "land.log")
            shutil.rmtree(place / "drops")
        yield Setting(home, memory, processors)


def build_ours(setting: Setting, tests: bool = True) -> Measured:
    """Build all tables into an empty warehouse, as the daily run does; the data tests are left out on demand."""
    home = setting.home
    shutil.rmtree(home.warehouse.parent, ignore_errors=True)
    home.warehouse.parent.mkdir()
    command = build_command(DUCKDB, *(NO_UNIT_TESTS if tests else NO_TESTS))
    at = environment(home) | {"GYMHOUSE_MEMORY": setting.memory}
    spill = home.warehouse.with_name(f"{home.warehouse.name}.tmp")
    return measure(command, at, home.root / "ours.log", (spill,), setting.processors)


def differences(home: Home, others: dict[str, str], attach: str = "") -> dict[str, tuple[int, int]]:
    """By gold table: rows of the other way, and how many rows are in its table or in ours alone.

    `others` gives SQL to select from by table; `attach` is a database that it lies in. Compared are the columns
    that the other way has: what tables know from exports beside the readings is not its task.
    """
    found = {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{home.warehouse}' as ours (read_only)")
        if attach:
            connection.execute(f"attach '{attach}' as theirs (read_only)")
        for name, relation in sorted(others.items()):
            described = connection.execute(f"describe select * from {relation}").fetchall()
            columns = ", ".join(column[0] for column in described)
            one, other = (f"select {columns} from {where}" for where in (relation, f"ours.gold.{name}"))
            both = f"(({one} except all {other}) union all ({other} except all {one}))"
            rows = connection.execute(f"select count(*) from {relation}").fetchone()[0]
            found[name] = (rows, connection.execute(f"select count(*) from {both}").fetchone()[0])
    return found


def parts(home: Home, whole: float) -> dict[str, float]:
    """Seconds of our last build by what they were for; two threads work at once, so they add up to more."""
    spent = defaultdict(float)
    for kind, name, seconds in nodes(home):
        part = next(part for of, begins, part in PARTS if kind == of and name.startswith(begins))
        about_readings = "heart_rate" in name or "bpm" in name
        spent["tests of the readings" if part == "tests" and about_readings else part] += seconds
    elapsed = json.loads((home.target / "run_results.json").read_text())["elapsed_time"]
    spent["dbt's start: Python, parsing"] = whole - elapsed
    return dict(sorted(spent.items(), key=lambda one: -one[1]))


def show(pairs: Pairs, rows: int) -> None:
    """Print the compared tables, the parts of our build, and what each way cost."""
    tables = table("gold table", "rows", "different", numbers=("rows", "different"))
    for name, (count, different) in pairs.differences.items():
        tables.add_row(name, f"{count:,}", f"{different:,}")
    out.print(tables)
    went = table("our last build, by its threads", "seconds", numbers=("seconds",))
    for part, seconds in pairs.parts.items():
        went.add_row(part, f"{seconds:.1f}")
    out.print(went)
    columns = ("seconds", "of processors", "peak GB", "spilled GB")
    costs = table("way", *columns, numbers=columns)
    for way, runs in pairs.costs.items():
        memory, spilled = (max(getattr(one, what) for one in runs) / 1e9 for what in ("memory", "spilled"))
        costs.add_row(
            way, f"{pairs.median(way):.1f}", f"{pairs.median(way, 'work'):.1f}", f"{memory:.2f}", f"{spilled:.2f}"
        )
    out.print(costs)
    turns = len(next(iter(pairs.costs.values())))
    out.print(f"{rows:,} raw readings, median of {turns}, {os.cpu_count()} processors here")


def tell(pairs: Pairs, rows: int, other: str, ratio: Callable[[str, str], float], sentence: str) -> None:
    """Print how our builds and the `other` way compare: a sentence with {bare} and {tested}, a row for the docs.

    `ratio` is asked with one of our ways and with what it is of, `seconds` or `work`.
    """
    bare, tested = (ratio(way, "seconds") for way in (BARE, OURS))
    out.print(sentence.format(bare=bare, tested=tested))
    out.print(f"in work of processors {ratio(BARE, 'work'):.2f} and {ratio(OURS, 'work'):.2f}")
    row = [f"{rows / 1e6:,.0f} M"]
    for way in (OURS, BARE, other):
        row += [f"{pairs.median(way):.1f} s", f"{max(one.memory for one in pairs.costs[way]) / 1e9:.1f} GB"]
    out.print(f"\nfor docs/performance.md:\n| {' | '.join(row)} | **{bare:.2f}** | {tested:.2f} |", markup=False)


def end(pairs: Pairs, rows: int, result_file: Path | None) -> None:
    """Write the numbers, and fail when the rows differ."""
    if result_file:
        costs = {way: [asdict(one) for one in runs] for way, runs in pairs.costs.items()}
        told = {"rows": rows, "costs": costs, "differences": pairs.differences, "parts": pairs.parts}
        result_file.write_text(json.dumps(told, indent=2) + "\n")
    if different := [name for name, (_, count) in pairs.differences.items() if count]:
        raise SystemExit(f"different rows in {', '.join(different)}: the figures compare nothing")
