"""The DuckDB file that dbt builds into, read without ever locking a build out for longer than the reading takes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from gymhouse.artifacts import Table, quoted
from gymhouse.console import Problem
from gymhouse.home import DUCKDB, Home
from gymhouse.masking import engine_said
from gymhouse.processes import lock_holder
from warehouse.base import QueryFailed, Warehouse
from warehouse.free import in_use

MEMORY_VARIABLE = "GYMHOUSE_MEMORY"


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


def _limits() -> dict[str, str]:
    """What a query may take before it spills to disk: as much as a build may (macros/engine/prepare_engine.sql)."""
    limit = os.environ.get(MEMORY_VARIABLE)
    return {"memory_limit": limit} if limit else {}


@contextmanager
def open_duckdb(home: Home) -> Iterator[DuckDBWarehouse]:
    """The DuckDB tables of `home`, in UTC; raises `Problem` without the file, or while a process builds into it."""
    if not home.warehouse.exists():
        raise Problem(f"There is no warehouse at {home.warehouse}.", "Build it first: `make run`, or `dbt build`.")
    try:
        connection = duckdb.connect(str(home.warehouse), read_only=True, config=_limits())
    except duckdb.ParserException:
        raise Problem(
            f"{MEMORY_VARIABLE} is {os.environ.get(MEMORY_VARIABLE)!r}, which is no amount of memory.",
            f"Set it to how much a build may take before it spills to disk, as in {MEMORY_VARIABLE}=8GB, or unset it.",
        ) from None
    except duckdb.IOException as error:
        if (pid := lock_holder(home.warehouse)) is not None:
            raise in_use(home, pid) from None
        raise Problem(
            f"{home.warehouse} cannot be read: {engine_said(str(error), (str(home.warehouse),))}",
            "If it is damaged, delete it and build again (`make run`): all that it holds comes from the lake.",
        ) from None
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        yield DuckDBWarehouse(connection)
