"""What many small raw files cost, and what compaction gives: `python -m benchmarks.compaction [--files N]…`.

Writes N raw files of heart-rate readings as landing writes them, 25 a day, then measures before and after compacting:
counting the table and reading one batch and one day through a view like that of a build (`read_parquet` with
`union_by_name`), and settling the lake when nothing is new, which every landing does. Each figure is the median of the
rounds, each round on a connection of its own; compaction runs once, in a process of its own.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import click
import duckdb

from gymhouse.console import out, table
from gymhouse.home import PROJECT, Home
from ingest.compact import compact
from ingest.contract import Table, read_contract
from ingest.keeper import keeping
from ingest.lake import Lake, Landing
from ingest.land import connect
from ingest.settle import settle
from ingest.typing_rules import sql_type

FILES_PER_DAY = 25
FIRST = datetime(2025, 1, 1, 6)  # noqa: DTZ001


def readings() -> Table:
    """The raw table of heart rates."""
    return next(one for one in read_contract(PROJECT / "models") if one.label == "devices.bpm")


def lay(home: Home, files: int, rows: int) -> None:
    """Write `files` raw files of `rows` readings each: of some devices, second by second."""
    lake, bpm = Lake(home.lake), readings()
    with tempfile.TemporaryDirectory(dir=home.root) as scratch, connect(Path(scratch)) as connection:
        for number in range(files):
            at = FIRST + timedelta(days=number // FILES_PER_DAY)
            batch = f"{(number * 2654435761) % 2**32:032x}"
            landing = Landing(bpm, batch, f"bpm_{number}.json", at)
            begun = int(at.timestamp()) + number % FILES_PER_DAY * rows
            values = {"device_id": f"{number % FILES_PER_DAY}", "time": f"{begun} + i", "heartrate": "60 + i % 90"}
            columns = [f"({values.get(one.name, 'NULL')})::{sql_type(one)} AS {one.name}" for one in bpm.columns]
            own = (
                f"NULL::VARCHAR AS _rescued, 'bpm_{number}.json' AS _source, i + 1 AS _row,"
                f" TIMESTAMP '{at}' AS _landed_at, '{batch}' AS _batch"
            )
            select = f"SELECT {', '.join(columns)}, {own} FROM range({rows}) AS made(i)".replace(
                "::string", "::VARCHAR"
            )
            counts = {"rows_read": rows, "rows_landed": rows, "rows_rejected": 0}
            lake.write_raw(connection, Path(scratch), landing, select, counts)


def seconds_of(rounds: int, do: Callable[[], None]) -> float:
    """The median seconds of `do`."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        do()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def measure(home: Home, files: int, rows: int, rounds: int) -> dict[str, float]:
    """Seconds of the reads and of settling, with the number and bytes of the raw files."""
    paths = list(home.raw.glob("devices/bpm/*/*.parquet"))
    pattern = f"{home.raw}/devices/bpm/**/*.parquet"
    view = f"CREATE VIEW bpm AS FROM read_parquet('{pattern}', union_by_name = true, hive_partitioning = false)"
    batch = f"{(files // 2 * 2654435761) % 2**32:032x}"
    day = int((FIRST + timedelta(days=files // FILES_PER_DAY // 2)).timestamp())

    def ask(select: str, expected: int) -> None:
        with duckdb.connect() as connection:
            connection.execute(view)
            assert connection.execute(select).fetchone()[0] == expected

    def settled() -> None:
        with tempfile.TemporaryDirectory(dir=home.root) as scratch, connect(Path(scratch)) as connection:
            settle(connection, Path(scratch), Lake(home.lake), read_contract(PROJECT / "models"))

    settled()
    one_day = f"SELECT count(heartrate) FROM bpm WHERE time >= {day} AND time < {day + 86400}"
    return {
        "files": len(paths),
        "megabytes": sum(path.stat().st_size for path in paths) / 1e6,
        "count": seconds_of(rounds, lambda: ask("SELECT count(*) FROM bpm", files * rows)),
        "sum": seconds_of(rounds, lambda: ask("SELECT count(heartrate + time) FROM bpm", files * rows)),
        "one batch": seconds_of(rounds, lambda: ask(f"SELECT count(time) FROM bpm WHERE _batch IN ('{batch}')", rows)),
        "one day": seconds_of(rounds, lambda: ask(one_day, min(files, FILES_PER_DAY) * rows)),
        "settle": seconds_of(rounds, settled),
    }


def compact_here(home: Home) -> None:
    """Compact the lake of `home`, and print seconds and the peak memory of this process, as JSON."""
    begun = time.perf_counter()
    with keeping(Lake(home.lake), read_contract(PROJECT / "models"), home.scratch, "compact") as keeper:
        [done] = compact(keeper, [readings()])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": time.perf_counter() - begun, "peak": peak, "merged": done.files_merged}))


@click.command()
@click.option("--files", "numbers", multiple=True, type=int, default=(400, 2000, 10000), show_default=True)
@click.option("--rows", default=1000, show_default=True, help="Rows of each file.")
@click.option("--rounds", default=5, show_default=True, help="How often each read is measured.")
@click.option("--compact", "lake_of", type=click.Path(path_type=Path), hidden=True)
def main(numbers: tuple[int, ...], rows: int, rounds: int, lake_of: Path | None) -> None:
    """Measure a raw table of many small files before and after compaction."""
    if lake_of:
        compact_here(Home(lake_of))
        return
    asked = ("files", "megabytes", "count", "sum", "one batch", "one day", "settle")
    shown = table("", *asked, numbers=asked)
    for files in numbers:
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder))
            lay(home, files, rows)
            before = measure(home, files, rows, rounds)
            again = [sys.executable, "-m", "benchmarks.compaction", "--compact", folder]
            told = subprocess.run(again, cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True).stdout
            done = json.loads(told.splitlines()[-1])
            after = measure(home, files, rows, rounds)
        for title, found in (("before", before), ("after", after)):
            shown.add_row(title, f"{found['files']:,}", *(f"{found[one]:,.3f}" for one in asked[1:]))
        out.print(
            f"{files:,} files of {rows:,} rows: {done['merged']:,} merged in {done['seconds']:.1f} s,"
            f" peak memory {done['peak'] / 1e6:,.0f} MB"
        )
    out.print(shown)


if __name__ == "__main__":
    main()
