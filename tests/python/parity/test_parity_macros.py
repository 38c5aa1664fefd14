"""What the macros hide: each gives the same values on both engines, over the values on which their functions differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from houses import House
from macro_cases import CASES, inputs

from gymhouse.artifacts import Table
from gymhouse.home import DUCKDB, ENGINES, SPARK
from jvm.spark import open_spark
from pipeline.parity.compare import compare
from pipeline.parity.sides import duckdb_side, parquet_side


@dataclass(frozen=True)
class Results:
    """Each case as a table of the schema `cases` on DuckDB, and as a folder of Parquet from Spark."""

    connection: duckdb.DuckDBPyConnection
    spark: Path

    def one(self, sql: str) -> object:
        return self.connection.execute(sql).fetchone()[0]


@pytest.fixture(scope="module")
def results(module_spark_house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Results]:
    house, folder = module_spark_house, tmp_path_factory.mktemp("cases")
    sql = {engine: compiled(house, engine) for engine in ENGINES}
    with duckdb.connect() as connection, open_spark(house.home, tables=False) as spark:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema cases")
        for name, rows in inputs().items():
            file = str(folder / f"{name}.parquet")
            pq.write_table(rows, file)
            connection.execute(
                f"create view {name} as select {', '.join(map(as_the_house, rows.schema))} from '{file}'"
            )
            spark.read.parquet(file).createOrReplaceTempView(name)
        for name in CASES:
            connection.execute(f"create table cases.{name} as {sql[DUCKDB][name]}")
            spark.sql(sql[SPARK][name]).write.parquet(str(folder / "spark" / name))
        yield Results(connection, folder / "spark")


def compiled(house: House, engine: str) -> dict[str, str]:
    """The SQL of each case on `engine`, as dbt compiles it."""
    inline = "\n".join(f"-- case {name}\n{case.sql}" for name, case in CASES.items())
    options = ("--target", engine, "--no-introspect", "--no-populate-cache", "--inline", inline)
    text = house.dbt("--quiet", "compile", *options, DBT_TARGET_PATH=str(house.home.target_of(engine))).stdout
    _, *parts = re.split(r"^-- case (\w+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def as_the_house(column: pa.Field) -> str:
    """DuckDB keeps instants without their zone, which is UTC."""
    return f"cast({column.name} as timestamp) as {column.name}" if pa.types.is_timestamp(column.type) else column.name


@pytest.mark.parametrize("case", CASES)
def test_a_macro_gives_the_same_on_both_engines(results: Results, case: str):
    table = Table(case, "cases", case, (), CASES[case].key, False, False, frozenset())
    here, there = duckdb_side(results.connection, table), parquet_side(results.connection, results.spark / case)
    verdict = compare(results.connection, table, {DUCKDB: here, SPARK: there})
    assert verdict.rows[DUCKDB] > 0
    assert verdict.equal, verdict
    assert not verdict.notes, verdict


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select ending from cases.lower_trimmed where code = ascii('Σ')", "abσ"),
        ("select alone from cases.lower_trimmed where code = ascii('İ')", "i"),
        ("select count(*) from cases.trimmed where blank = 'x' and code in (9, 10, 32, 160)", 4),
        (
            "select any_value(three) from cases.exact_decimal join doubles using (id) where number = 1.0005",
            Decimal("1.001"),
        ),
        ("select count(moment) from cases.epoch_to_timestamp where seconds in (-62135510401, 253402214400)", 0),
        (
            "select count(*) from cases.zoned_time as zoned join cases.local_time as asked using (zone, id)"
            " where zoned.shown is distinct from asked.shown",
            0,
        ),
        ("select count(*) from cases.explode_days join days using (id) where days < 0", 0),
        ("select count(*) from cases.explode_numbers join days using (id) where days < 1 or number > days", 0),
        ("select words from cases.sorted_list where id = 1", ", B, a, a , b, ä, \uffee, 𝒳"),
        ("select words from cases.sorted_list where id = 2", ""),
    ],
)
def test_what_both_agree_on_is_what_is_meant(results: Results, sql: str, expected: object):
    assert results.one(sql) == expected
