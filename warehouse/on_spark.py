"""The Delta tables that dbt builds with Spark: queried by Spark, copied as the open files that they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import duckdb

from gymhouse.artifacts import Table, quoted
from gymhouse.console import Problem
from gymhouse.home import SPARK, Home
from jvm.spark import open_spark, require_free_metastore
from warehouse.base import QueryFailed, Warehouse
from warehouse.delta import delta_relation
from warehouse.types import type_of_spark

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SETTINGS = {
    # One spelling of names for both engines: the one of the SQL standard.
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    # Nobody else can write while this process holds the metastore, so a table's log is looked up once.
    "spark.databricks.delta.stalenessLimit": "1h",
}


class SparkWarehouse(Warehouse):
    """The Delta tables of `home`; Spark starts at the first query, and `stack` stops it."""

    engine = SPARK
    threads = 4  # A small query is mostly planning, which one core does; others fill the rest.

    def __init__(self, home: Home, stack: ExitStack):
        self.home = home
        self._stack = stack

    @cached_property
    def session(self) -> SparkSession:
        """Spark over these tables."""
        session = self._stack.enter_context(open_spark(self.home))
        for name, value in SETTINGS.items():
            session.conf.set(name, value)
        return session

    def rows(self, sql: str) -> list[tuple]:
        return self._asked(sql, rows_of)

    def names(self, sql: str) -> list[str]:
        return self._asked(sql, lambda frame: frame.columns)

    def columns(self, schema: str, name: str) -> list[tuple[str, str]]:
        return self._asked(
            f"select * from {quoted(schema)}.{quoted(name)}",
            lambda frame: [(field.name, type_of_spark(field.dataType.simpleString())) for field in frame.schema],
        )

    def relation(self, table: Table) -> duckdb.DuckDBPyRelation:
        folder = self.home.spark_table(table.schema, table.name)
        if not (folder / "_delta_log").is_dir():
            raise Problem(
                f"{table.id} is not a Delta table in {folder}.",
                "Only tables can be published: build the model as one (`materialized: table`).",
            )
        return delta_relation(self._connection, folder)

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        return self._stack.enter_context(duckdb.connect())

    def _asked(self, sql: str, answer: Callable[[DataFrame], list]) -> list:
        from pyspark.errors import PySparkException

        try:
            return answer(self.session.sql(sql))
        except PySparkException as error:
            raise QueryFailed(str(error)) from None


def rows_of(frame: DataFrame) -> list[tuple]:
    """The rows of `frame`; timestamps are UTC without a zone, whatever the zone of this machine."""
    columns = [[_without_zone(value) for value in column.to_pylist()] for column in frame.toArrow().columns]
    return list(zip(*columns, strict=True))


def _without_zone(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


@contextmanager
def open_spark_tables(home: Home) -> Iterator[SparkWarehouse]:
    """The Spark tables of `home`; raises `Problem` where there are none or another process works with them."""
    if not home.spark_tables.is_dir():
        raise Problem(
            f"There are no Spark tables in {home.spark_tables}.",
            "Build them first: `python -m pipeline build --engine spark`.",
        )
    require_free_metastore(home)
    with ExitStack() as stack:
        yield SparkWarehouse(home, stack)
