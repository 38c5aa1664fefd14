"""The tables that dbt built in a home, on whichever engine: one way to them for whoever judges or copies them."""

from __future__ import annotations

from contextlib import AbstractContextManager

from gymhouse.home import DUCKDB, SPARK, Home
from warehouse.base import QueryFailed, Warehouse
from warehouse.free import require_free
from warehouse.on_duckdb import open_duckdb
from warehouse.state import require_fresh, warehouse_state

__all__ = ["QueryFailed", "Warehouse", "open_warehouse", "require_free", "require_fresh", "warehouse_state"]


def open_warehouse(home: Home, engine: str = DUCKDB) -> AbstractContextManager[Warehouse]:
    """The tables that `engine` built in `home`, to read; raises `Problem` where there are none or they are in use."""
    if engine == SPARK:
        from warehouse.on_spark import open_spark_tables  # Only who asks for Spark waits for its modules.

        return open_spark_tables(home)
    return open_duckdb(home)
