"""Build both engines from the lake of one home, and compare what they made of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb

from gymhouse.artifacts import Table
from gymhouse.console import Problem
from gymhouse.home import DUCKDB, ENGINES, SPARK, Home
from gymhouse.lock import run_lock
from jvm.spark import open_spark
from pipeline.build import build
from pipeline.dbt import NO_TESTS
from pipeline.parity.compare import compare
from pipeline.parity.sides import delta_side, duckdb_side, parquet_side
from pipeline.parity.snapshots import without_clock
from pipeline.parity.tables import Compared
from pipeline.parity.verdict import Verdict
from warehouse import open_warehouse

MEMORY = "4GB"
# Small queries leave a local Spark idle for most of their time.
AT_ONCE = 4


def build_both(home: Home, on_engine: Callable[[str], None] = lambda engine: None) -> None:
    """Build all tables on each engine; no data tests, since rows proven equal need no second proof.

    Raises:
        Problem: Spark cannot start, another run holds the home, or a build failed; dbt has then said why.
    """
    for engine in ENGINES:
        on_engine(engine)
        if build(home, engine, (*NO_TESTS, "--quiet")) != 0:
            raise Problem(
                f"{engine} could not build every table, so there is nothing to compare.",
                f"Put right what dbt names above; `python -m pipeline build --engine {engine}` builds it alone.",
            )


def compare_engines(
    home: Home, tables: tuple[Compared, ...], on_table: Callable[[Verdict], None] = lambda verdict: None
) -> list[Verdict]:
    """Compare `tables` as the two engines hold them; `on_table` is called as each verdict is found.

    Tables are read where they lie. Spark alone knows its views: they are written to a scratch folder first. Sorting and
    joining stays within 4 GB of memory and spills to the same folder.
    """
    with run_lock(home.lock), _scratch(home) as scratch:
        views = _write_views(home, [each.table for each in tables if each.is_view], scratch)
        with open_warehouse(home) as warehouse:
            connection = warehouse.connection
            connection.execute(f"set memory_limit = '{MEMORY}'")
            connection.execute(f"set temp_directory = '{scratch / 'spill'}'")
            connection.execute("set preserve_insertion_order = false")
            verdicts = []
            for each in tables:
                verdicts.append(_verdict(connection, home, each, views))
                on_table(verdicts[-1])
    return verdicts


def spark_folder(home: Home, table: Table) -> Path:
    """Where the target `spark` keeps the Delta table."""
    return home.spark_table(table.schema, table.name)


def _verdict(connection: duckdb.DuckDBPyConnection, home: Home, each: Compared, views: dict[str, Path]) -> Verdict:
    table = each.table
    if each.is_view:
        spark = parquet_side(connection, views[table.id]) if table.id in views else None
    else:
        spark = delta_side(connection, table, spark_folder(home, table))
    sides = {DUCKDB: duckdb_side(connection, table), SPARK: spark}
    if not each.unique_key or None in sides.values():
        return compare(connection, table, sides)
    return compare(connection, *without_clock(connection, table, each.unique_key, sides))


def _write_views(home: Home, views: list[Table], scratch: Path) -> dict[str, Path]:
    """Folders with the rows of Spark's `views` as Parquet, by table; a view that Spark does not have is left out."""
    if not views:
        return {}
    with open_spark(home) as spark, ThreadPoolExecutor(AT_ONCE) as pool:

        def write(view: Table) -> bool:
            name = f"`{view.schema}`.`{view.name}`"
            if found := spark.catalog.tableExists(name):
                spark.table(name).write.parquet(str(scratch / view.id))
            return found

        written = pool.map(write, views)
        return {view.id: scratch / view.id for view, found in zip(views, written, strict=True) if found}


@contextmanager
def _scratch(home: Home) -> Iterator[Path]:
    folder = home.scratch / "parity"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
