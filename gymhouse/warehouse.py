"""Read the DuckDB file that dbt builds into, without ever locking a build out for longer than the reading takes."""

from __future__ import annotations

import duckdb

from gymhouse.console import Problem
from gymhouse.home import Home


def open_warehouse(home: Home) -> duckdb.DuckDBPyConnection:
    """A read-only connection in UTC; raises `Problem` where there is no file or another process builds into it."""
    if not home.warehouse.exists():
        raise Problem(f"There is no warehouse at {home.warehouse}.", "Build it first: `make run`, or `dbt build`.")
    try:
        connection = duckdb.connect(str(home.warehouse), read_only=True)
    except duckdb.IOException:
        raise Problem(
            f"{home.warehouse} is in use by another process, or is damaged.",
            "Wait for the build to end or close the other program; if nothing has it open, delete it and build again.",
        ) from None
    connection.execute("set TimeZone = 'UTC'")
    return connection


def warehouse_state(home: Home) -> dict:
    """`size` in bytes and `modified_ns` of the file: a build changes them, reading does not."""
    found = home.warehouse.stat()
    return {"size": found.st_size, "modified_ns": found.st_mtime_ns}
