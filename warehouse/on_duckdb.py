"""The DuckDB file that dbt builds into, read without ever locking a build out for longer than the reading takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from gymhouse.artifacts import Table, quoted
from gymhouse.console import Problem
from gymhouse.home import DUCKDB, Home
from warehouse.base import QueryFailed, Warehouse


class DuckDBWarehouse(Warehouse):
    """Tables on an open DuckDB `connection`."""

    engine = DUCKDB
    threads = 1  # DuckDB itself spreads a query over all cores.

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self.connection = connection

    def rows(self, sql: str) -> list[tuple]:
        try:
            return self.connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise QueryFailed(str(error)) from None

    def names(self, sql: str) -> list[str]:
        return [name for name, *_ in self.rows(f"describe {sql}")]

    def columns(self, schema: str, name: str) -> list[tuple[str, str]]:
        described = self.rows(f"describe {quoted(schema)}.{quoted(name)}")
        return [(column, kind.lower()) for column, kind, *_ in described]

    def relation(self, table: Table) -> duckdb.DuckDBPyRelation:
        return self.connection.sql(f"select * from {table.relation}")


@contextmanager
def open_duckdb(home: Home) -> Iterator[DuckDBWarehouse]:
    """The DuckDB tables of `home`, in UTC; raises `Problem` without the file, or while a process builds into it."""
    if not home.warehouse.exists():
        raise Problem(f"There is no warehouse at {home.warehouse}.", "Build it first: `make run`, or `dbt build`.")
    try:
        connection = duckdb.connect(str(home.warehouse), read_only=True)
    except duckdb.IOException:
        raise Problem(
            f"{home.warehouse} is in use by another process, or is damaged.",
            "Wait for the build to end or close the other program; if nothing has it open, delete it and build again.",
        ) from None
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        yield DuckDBWarehouse(connection)
