"""The same files landed with and without Spark, in turn: `python -m benchmarks.landing_engines [--files N --rows N]`.

Makes files of heart-rate messages (JSON within JSON), then lands them with each engine, and lets Spark alone type them:
`from_json` twice, then Parquet, without rejects, reasons, exact numbers or origin of rows. Each time in a fresh process
and an empty home. Prints median seconds of the work (without the start of Python and of the JVM) and of the whole
command, rows a second, and the largest memory of all processes together.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
import duckdb

from benchmarks.landing import MESSAGES, READINGS
from benchmarks.measuring import measure
from gymhouse.console import out, table
from gymhouse.home import ENGINES, HOME_VARIABLE, PROJECT, SPARK, Home, home
from jvm.spark import open_spark, require_spark

BARE = "bare Spark SQL"


@dataclass(frozen=True)
class Run:
    """One run: seconds of the work, seconds of the whole command, peak bytes of its processes."""

    seconds: float
    whole: float
    memory: int


def make(folder: Path, files: int, rows: int) -> None:
    """Write the files; each begins its own stretch of time, so that no two are alike."""
    folder.mkdir()
    plain = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01'"
    with duckdb.connect() as connection:
        for file in range(files):
            readings = READINGS.format(rows=rows).replace("1678521600", str(1678521600 + file * rows))
            connection.execute(f"COPY ({MESSAGES.format(readings=readings)}) TO '{folder}/bpm_{file}.json' ({plain})")


def run(way: str, drops: Path, folder: Path) -> Run:
    """Land or type the files in `drops` into a new home in `folder`."""
    made = Home(folder)
    made.jars.symlink_to(Home(PROJECT / "var").jars)
    result = folder / "result.json"
    command = {
        BARE: ["benchmarks.landing_engines", "--bare", str(drops), str(result)],
        **{one: ["ingest", "files", "--drops", str(drops), "--engine", one, "--json", str(result)] for one in ENGINES},
    }[way]
    measured = measure([sys.executable, "-m", *command], {HOME_VARIABLE: str(folder)}, folder / "said.log")
    told = json.loads(result.read_text())
    return Run(told["seconds"], measured.seconds, measured.memory)


def type_with_spark_alone(drops: str, result: str) -> None:
    """Type the messages with Spark's own functions and write them as Parquet, in this process's home."""
    from pyspark.sql import functions as f

    with open_spark(home(), tables=False) as spark:
        spark.range(1).collect()
        begun = time.perf_counter()
        message = f.from_json(
            "value", "key string, value string, topic string, partition int, offset long, timestamp long"
        )
        reading = f.from_json("message.value", "device_id long, time double, heartrate double")
        typed = spark.read.text(drops).select(message.alias("message")).where("message.topic = 'bpm'")
        typed = typed.select(reading.alias("reading"), "message.offset").select("reading.*", "offset")
        typed.write.parquet(f"{home().root}/bare")
        Path(result).write_text(json.dumps({"seconds": time.perf_counter() - begun}))


@click.command()
@click.option("--files", default=16, show_default=True, help="Number of files.")
@click.option("--rows", default=1_000_000, show_default=True, help="Readings in each.")
@click.option("--rounds", default=3, show_default=True, help="How often each is measured, in turn.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data goes for the time being.")
def main(files: int, rows: int, rounds: int, folder: Path | None) -> None:
    """Time the landing of the same files with and without Spark."""
    ways = (*ENGINES, BARE)
    runs: dict[str, list[Run]] = {way: [] for way in ways}
    require_spark(Home(PROJECT / "var"))
    with tempfile.TemporaryDirectory(dir=folder) as place:
        drops = Path(place, "drops")
        make(drops, files, rows)
        size = sum(path.stat().st_size for path in drops.iterdir())
        for _ in range(rounds):
            for way in ways:
                with tempfile.TemporaryDirectory(dir=place) as own:
                    runs[way].append(run(way, drops, Path(own)))
    out.print(f"{files} files of {rows:,} messages, {size / 1e6:,.0f} MB; {os.cpu_count()} cores, median of {rounds}")
    columns = ("s, work", "rows/s", "s, whole command", "peak MB")
    shown = table("way", *columns, numbers=columns)
    median = {way: statistics.median(one.seconds for one in runs[way]) for way in ways}
    for way in ways:
        whole = statistics.median(one.whole for one in runs[way])
        peak = max(one.memory for one in runs[way]) / 1e6
        shown.add_row(way, f"{median[way]:.1f}", f"{files * rows / median[way]:,.0f}", f"{whole:.1f}", f"{peak:,.0f}")
    out.print(shown)
    out.print(f"Landing on Spark over landing without: {median[SPARK] / median[ENGINES[0]]:.1f} times")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        type_with_spark_alone(*sys.argv[2:])
    else:
        main()
