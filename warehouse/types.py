"""Types by one name on both engines: DuckDB's."""

from __future__ import annotations

from functools import cache

import duckdb
from sqlglot import exp
from sqlglot.errors import SqlglotError


@cache
def type_of_duckdb(declared: str) -> str | None:
    """The name under which DuckDB lists a type (`string` is varchar there), or None for what it does not know."""
    try:
        return duckdb.connect().execute(f"select typeof(cast(null as {declared}))").fetchone()[0].lower()
    except duckdb.Error:
        return None


@cache
def type_of_spark(found: str) -> str:
    """The name that DuckDB gives to a type of Spark; Spark's own where DuckDB has no such type.

    A `timestamp` is the same instant on both: in UTC without saying so on DuckDB, with a zone on Spark. A Spark type
    without a zone is another one.
    """
    if found == "timestamp" or found.startswith("timestamp_"):
        return found
    try:
        translated = exp.DataType.build(found, dialect="spark").sql("duckdb")
    except SqlglotError:
        return found
    return type_of_duckdb(translated) or found
