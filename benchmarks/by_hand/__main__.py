"""Our build beside one hand-written SQL script over the same raw files: `python -m benchmarks.by_hand [--readings N]`.

Lands a wearable vendor's readings once, then in turn builds all tables and tests with dbt into an empty warehouse and
lets DuckDB run `gold.sql` into an empty file, on two processors and with the same memory; the script tests nothing, so
the build is timed without tests, too. Compares the rows of every gold table that the script makes. Prints medians, the
ratios, peak memory of all processes, and where our time goes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
import duckdb

from benchmarks import paired
from benchmarks.measuring import Measured, measure, module
from gymhouse.console import explains_problems, out
from gymhouse.home import PROJECT

SCRIPT = Path(__file__).with_name("gold.sql")
AIM = 1.5
BY_HAND = "by hand"


def run_script(raw: str, database: str, memory: str) -> None:
    """What the measured process does: run `gold.sql` over the lake's folder `raw` into the new file `database`."""
    settings = {"threads": 2, "memory_limit": memory, "preserve_insertion_order": False}
    with duckdb.connect(database, config=settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set variable raw = '{raw}'")
        connection.execute(f"set variable seeds = '{PROJECT / 'seeds'}'")
        connection.execute(SCRIPT.read_text())


def build_by_hand(setting: paired.Setting, database: Path) -> Measured:
    """Run the script into an empty `database`."""
    database.unlink(missing_ok=True)
    home = setting.home
    command = module("benchmarks.by_hand", "--run", home.raw, database, setting.memory)
    spill = database.with_name(f"{database.name}.tmp")
    return measure(command, {}, home.root / "by_hand.log", (spill,), setting.processors)


def gold_of(database: Path) -> dict[str, str]:
    """The gold tables of the script, as they are called where `database` is attached."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'gold'").fetchall()
    return {name: f"theirs.gold.{name}" for (name,) in names}


@click.command()
@paired.options(readings=100_000_000)
@explains_problems
def main(rounds: int, result_file: Path | None, **options: object) -> None:
    """Time our build beside a hand-written script that gives the same gold."""
    pairs = paired.Pairs()
    with paired.landed_readings(**options) as setting:
        database = setting.home.root / "by_hand.duckdb"
        for turn in range(1, rounds + 1):
            out.print(f"turn {turn} of {rounds}")
            pairs.costs[paired.BARE].append(paired.build_ours(setting, tests=False))
            pairs.costs[BY_HAND].append(build_by_hand(setting, database))
            pairs.costs[paired.OURS].append(paired.build_ours(setting))
        pairs.differences = paired.differences(setting.home, gold_of(database), str(database))
        pairs.parts = paired.parts(setting.home, pairs.costs[paired.OURS][-1].seconds)
        rows = setting.raw_readings
    paired.show(pairs, rows)
    sentence = f"without tests {{bare:.2f}} times the script (aim: {AIM} at most), with tests {{tested:.2f}} times"
    paired.tell(pairs, rows, BY_HAND, lambda way, of: pairs.ratio(way, BY_HAND, of), sentence)
    paired.end(pairs, rows, result_file)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run_script(*sys.argv[2:5])
    else:
        main(prog_name="python -m benchmarks.by_hand")
