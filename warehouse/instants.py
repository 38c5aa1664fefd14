"""Timestamps that say their zone, and those that do not."""

from __future__ import annotations

import duckdb

from gymhouse.artifacts import quoted

ZONED = "TIMESTAMP WITH TIME ZONE"


def without_zones(found: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """`found` with its instants as timestamps in UTC, whatever the time zone of its connection."""
    columns = (
        f"make_timestamp(epoch_us({quoted(name)})) as {quoted(name)}" if str(kind) == ZONED else quoted(name)
        for name, kind in zip(found.columns, found.types, strict=True)
    )
    return found.project(", ".join(columns))
