"""The ledger of batches: what the footers of the lake's files say, as one table. Derived, never a second truth."""

from __future__ import annotations

import os

import duckdb

from gymhouse.files import commit
from ingest.contract import Table
from ingest.lake import LEDGER_TABLE
from ingest.sql import name, quoted
from ingest.typing_rules import SQL_TYPES

# The ledger is one file that is replaced, so its folder carries no real date.
_PLACE = ("landed_date=1970-01-01", "batches.parquet")
_FOOTER = "gymhouse."


def write_ledger(connection: duckdb.DuckDBPyConnection, lake, tables: list[Table]) -> bool:
    """Bring the ledger up to the lake's files; returns whether it had to be written."""
    ledger = next(table for table in tables if (table.source, table.name) == LEDGER_TABLE)
    dropped = [table for table in tables if table.drops]
    final = lake.home.raw.joinpath(*LEDGER_TABLE, *_PLACE)
    landed = {table: lake.landed(table) for table in dropped}
    there = {(table.source, table.name, batch) for table, batches in landed.items() for batch in batches}
    if final.exists() and there == _listed(connection, final):
        return False
    written = final.parent.parent / f".{final.name}.{os.getpid()}.tmp"
    written.parent.mkdir(parents=True, exist_ok=True)
    filled = [table for table, batches in landed.items() if batches]
    connection.execute(f"COPY ({_select(lake, ledger, filled)}) TO {quoted(str(written))} (FORMAT parquet)")
    commit(written, final)
    return True


def _listed(connection: duckdb.DuckDBPyConnection, final) -> set[tuple[str, str, str]]:
    try:
        return set(
            connection.execute(
                f"SELECT source_name, table_name, batch FROM read_parquet({quoted(str(final))})"
            ).fetchall()
        )
    except duckdb.Error:
        return set()


def _select(lake, ledger: Table, filled: list[Table]) -> str:
    """SQL of the ledger's rows: one per raw file, out of its footer and its path."""
    facts = {"source_name": "path[-4]", "table_name": "path[-3]"}
    columns = [
        f"CAST({facts.get(c.name, _fact(c.name))} AS {SQL_TYPES[c.type]}) AS {name(c.name)}" for c in ledger.columns
    ]
    usual = [
        "CAST(NULL AS VARCHAR) AS _rescued",
        f"{_fact('source_file')} AS _source",
        "row_number() OVER (ORDER BY path[-4], path[-3], path[-1]) AS _row",
        f"CAST({_fact('landed_at')} AS TIMESTAMP) AS _landed_at",
        f"{_fact('batch')} AS _batch",
    ]
    globs = [quoted(f"{lake.home.raw}/{table.source}/{table.name}/landed_date=*/*.parquet") for table in filled]
    footers = (
        f"SELECT file_name, decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata([{', '.join(globs)}])"
        if filled
        else "SELECT ''::VARCHAR AS file_name, ''::VARCHAR AS key, ''::VARCHAR AS value WHERE false"
    )
    files = (
        f"SELECT string_split(file_name, '/') AS path, map_from_entries(list((key, value))) AS facts FROM ({footers})"
        f" WHERE starts_with(key, {quoted(_FOOTER)}) GROUP BY file_name"
    )
    return f"SELECT {', '.join([*columns, *usual])} FROM ({files}) ORDER BY _row"


def _fact(key: str) -> str:
    return f"facts[{quoted(_FOOTER + key)}]"
