"""Our build beside the same silver and gold by plain PySpark: `python -m benchmarks.plain_pyspark [--readings N]`.

Lands a wearable vendor's readings once, then in turn builds all our tables (with and without their tests) into an
empty warehouse and lets PySpark run `job.py` on two local cores over the same raw files. Compares the rows of every
gold table that the job makes. Prints medians, ratios and the peak memory of all processes.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from benchmarks import paired
from benchmarks.measuring import Measured, measure, module
from gymhouse.console import explains_problems, out
from gymhouse.home import PROJECT
from jvm.java import require_java

AIM = 20
SPARK = "plain PySpark"


def build_with_spark(setting: paired.Setting, folder: Path, memory: str) -> Measured:
    """Run the job into an empty `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    scratch = folder.with_name("spark_scratch")
    command = module("benchmarks.plain_pyspark.job", setting.home.raw.resolve(), PROJECT / "seeds", folder, memory)
    at = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": str(scratch)}
    return measure(command, at, setting.home.root / "spark.log", (scratch,), setting.processors)


def gold_of(folder: Path) -> dict[str, str]:
    """The gold tables of the job, to select from."""
    return {path.name: f"read_parquet('{path}/*.parquet')" for path in (folder / "gold").iterdir()}


@click.command()
@paired.options(readings=20_000_000)
@click.option("--spark-memory", default="6g", show_default=True, help="What Spark's JVM may use.")
@explains_problems
def main(rounds: int, result_file: Path | None, spark_memory: str, **options: object) -> None:
    """Time our build beside plain PySpark that gives the same gold."""
    require_java()
    pairs = paired.Pairs()
    with paired.landed_readings(**options) as setting:
        folder = setting.home.root / "plain_pyspark"
        for turn in range(1, rounds + 1):
            out.print(f"turn {turn} of {rounds}")
            pairs.costs[paired.BARE].append(paired.build_ours(setting, tests=False))
            pairs.costs[SPARK].append(build_with_spark(setting, folder, spark_memory))
            pairs.costs[paired.OURS].append(paired.build_ours(setting))
        pairs.differences = paired.differences(setting.home, gold_of(folder))
        pairs.parts = paired.parts(setting.home, pairs.costs[paired.OURS][-1].seconds)
        rows = setting.raw_readings
    paired.show(pairs, rows)
    sentence = f"{SPARK} takes {{bare:.1f}} times our build without tests, {{tested:.1f}} times with tests (aim: {AIM})"
    paired.tell(pairs, rows, SPARK, lambda way, of: pairs.ratio(SPARK, way, of), sentence)
    paired.end(pairs, rows, result_file)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.plain_pyspark")
