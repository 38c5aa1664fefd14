"""Names, texts and small tables as SQL spells them."""

from __future__ import annotations

import json

import duckdb


def quoted(text: str) -> str:
    """`text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """`text` as a quoted SQL identifier."""
    return '"' + text.replace('"', '""') + '"'


def make_table(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], rows: list[tuple]) -> None:
    """Make a temporary table of these `columns` (name, type) and `rows` of texts and numbers."""
    # Not as parameters: for the first of these DuckDB imports pandas, which takes a third of a second.
    values = ", ".join(f"row[{at}]::{kind} AS {name(one)}" for at, (one, kind) in enumerate(columns.items(), 1))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS"
        f" SELECT {values} FROM (SELECT unnest(from_json({quoted(json.dumps(rows))}, '[[\"VARCHAR\"]]')) AS row)"
    )
