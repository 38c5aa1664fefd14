"""A snapshot without the clock in it: what both engines must agree on, whenever each of them looked."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from gymhouse.artifacts import Table, quoted
from gymhouse.home import ENGINES
from pipeline.parity.sides import Side

CLOCK = ("dbt_valid_from", "dbt_valid_to", "dbt_updated_at", "dbt_scd_id")
FROM, TO = (quoted(name) for name in CLOCK[:2])
VERSION, IS_OPEN = "version", "is_open"


def without_clock(
    connection: duckdb.DuckDBPyConnection, table: Table, unique_key: tuple[str, ...], sides: dict[str, Side]
) -> tuple[Table, dict[str, Side], tuple[str, ...]]:
    """The snapshot `table` and its `sides` by engine, with times turned into what they say.

    dbt stamps each version with the wall clock of the build that saw it. Of that stays the order of a key's versions
    (`version`, from 1) and whether one is still open (`is_open`). An engine that was first built later knows nothing of
    what was closed before: that history is left out, and the note says so.

    Returns: the table with its key, the sides, notes.
    """
    begun = max(filter(None, (_first(connection, side) for side in sides.values())), default=None)
    older = {engine: _closed_by(connection, side, begun) for engine, side in sides.items()}
    notes = tuple(
        f"{count:,} versions that {engine} closed before the other engine's first build were not compared"
        for engine, count in older.items()
        if count
    )
    seen = replace(table, key=(*unique_key, VERSION))
    return seen, {engine: _timeless(sides[engine], unique_key, begun) for engine in ENGINES}, notes


def _first(connection: duckdb.DuckDBPyConnection, side: Side) -> str | None:
    return connection.execute(
        f"select cast(min(cast({FROM} as timestamp)) as varchar) from {side.relation}"
    ).fetchone()[0]


def _closed_by(connection: duckdb.DuckDBPyConnection, side: Side, begun: str | None) -> int:
    return connection.execute(f"select count(*) from {side.relation} where {_is_older(begun)}").fetchone()[0]


def _is_older(begun: str | None) -> str:
    return f"coalesce(cast({TO} as timestamp) < cast('{begun}' as timestamp), false)" if begun else "false"


def _timeless(side: Side, unique_key: tuple[str, ...], begun: str | None) -> Side:
    kept = [column for column in side.columns if column[0] not in CLOCK]
    names = ", ".join(quoted(name) for name, _ in kept)
    key = ", ".join(quoted(name) for name in unique_key)
    return Side(
        f"(select {names}, row_number() over (partition by {key} order by {FROM}) as {VERSION},"
        f" {TO} is null as {IS_OPEN} from {side.relation} where not {_is_older(begun)})",
        (*kept, (VERSION, "bigint"), (IS_OPEN, "boolean")),
    )
