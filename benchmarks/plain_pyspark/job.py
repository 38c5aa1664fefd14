"""Silver and gold as one would write them with PySpark's DataFrames: Parquet in, Parquet out, built anew each time.

    python -m benchmarks.plain_pyspark.job RAW SEEDS OUT MEMORY

On two local cores, with as many shuffle partitions as suit them; what is used twice is cached. Writes one folder of
Parquet a table, `OUT/silver/<name>` and `OUT/gold/<name>`.
"""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from benchmarks.plain_pyspark.frames import Tables
from benchmarks.plain_pyspark.gold import build_gold
from benchmarks.plain_pyspark.silver import build_silver


def start(memory: str) -> SparkSession:
    """A session on two cores."""
    return (
        SparkSession.builder.appName("plain")
        .master("local[2]")
        .config("spark.driver.memory", memory)
        .config("spark.sql.shuffle.partitions", 8)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.extraJavaOptions", "-Duser.timezone=UTC")
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )


if __name__ == "__main__":
    raw, seeds, out, memory = sys.argv[1:5]
    session = start(memory)
    try:
        tables = Tables(session, raw, seeds, out)
        build_gold(tables, build_silver(tables))
    finally:
        jvm = session.sparkContext._gateway.proc
        session.stop()
        # It ends when nobody writes to it any more. Its work counts only if somebody waits for its end.
        jvm.stdin.close()
        jvm.wait()
