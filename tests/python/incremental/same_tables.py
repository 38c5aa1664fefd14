"""Two warehouses compared table by table, value for value, repeats counted."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from gymhouse.artifacts import quoted

EXAMPLES = 3


def assert_same(here: Path, there: Path, tables: dict[str, Collection[str]], names: tuple[str, str]) -> None:
    """Fail with all `differences`."""
    told = differences(here, there, tables, names)
    assert not told, "\n".join(told)


def differences(here: Path, there: Path, tables: dict[str, Collection[str]], names: tuple[str, str]) -> list[str]:
    """What differs between two DuckDB files, told with the first rows that only one has; `names` are theirs.

    `tables`: the columns to leave out, by `<schema>.<table>`. A table that neither has is told too.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{here}' as here (read_only); attach '{there}' as there (read_only)")
        return [told for table, left_out in tables.items() for told in _table(connection, table, left_out, names)]


def _table(connection: duckdb.DuckDBPyConnection, table: str, left_out: Collection[str], names: tuple) -> list[str]:
    columns = [_columns(connection, side, table) for side in ("here", "there")]
    if not all(columns) or columns[0] != columns[1]:
        return [f"{table}: columns {columns[0] or 'none'} {names[0]}, {columns[1] or 'none'} {names[1]}"]
    compared = ", ".join(quoted(name) for name in columns[0] if name not in left_out)
    told = []
    for one, other, name in (("here", "there", names[0]), ("there", "here", names[1])):
        connection.execute(
            f"create or replace temp table alone as select {compared} from {one}.{table}"
            f" except all select {compared} from {other}.{table}"
        )
        if count := connection.execute("select count(*) from alone").fetchone()[0]:
            first = connection.execute(f"select * from alone order by all limit {EXAMPLES}").fetchall()
            shown = "\n".join(f"      {row}" for row in first)
            told.append(f"{table}: {count:,} rows only {name}, the first:\n      ({compared})\n{shown}")
    return told


def _columns(connection: duckdb.DuckDBPyConnection, side: str, table: str) -> dict[str, str]:
    schema, name = table.split(".")
    return dict(
        connection.execute(
            "select column_name, data_type from duckdb_columns()"
            " where database_name = $1 and schema_name = $2 and table_name = $3 order by column_index",
            [side, schema, name],
        ).fetchall()
    )
