"""The ledger of batches: what the lake's files say of them, as one table. Derived, never a second truth."""

from __future__ import annotations

from pathlib import Path

import duckdb

from gymhouse.home import RAW
from ingest.contents import REJECTS_RETIRED_AT, RETIRED_AT, Contents
from ingest.contract import Table
from ingest.footers import Facts, read_footers
from ingest.lake import ENCODINGS, LEDGER_TABLE, Lake
from ingest.sql import make_table, name, quoted
from ingest.typing_rules import sql_type

# The ledger is one file that is replaced, so its folder carries no real date.
_PLACE = "/".join([RAW, *LEDGER_TABLE, "landed_date=1970-01-01", "batches.parquet"])
_BATCH = {"source_name": "VARCHAR", "table_name": "VARCHAR", "batch": "VARCHAR", "landed_on": "DATE"}
# What may still come to be known of a batch that has landed; all else never changes.
_MARKS = (RETIRED_AT, REJECTS_RETIRED_AT)


def write_ledger(
    connection: duckdb.DuckDBPyConnection, scratch: Path, lake: Lake, tables: list[Table], contents: list[Contents]
) -> bool:
    """Bring the ledger up to the `contents` of all tables; returns whether it had to be written.

    What it says of batches that are still known is kept; of the others, and only of them, the footers are read.
    """
    ledger = next(table for table in tables if (table.source, table.name) == LEDGER_TABLE)
    landed = {
        (one.table.source, one.table.name, batch): (lying, one.retired.get(batch, {}))
        for one in contents
        for batch, lying in one.landed().items()
    }
    lies = [(*key, at.landed_on, *(retired.get(mark) for mark in _MARKS)) for key, (at, retired) in landed.items()]
    make_table(connection, "lies", {**_BATCH, **dict.fromkeys(_MARKS, "TIMESTAMP")}, lies)
    unchanged = _take_over(connection, scratch, lake, ledger)
    lacking = f"SELECT source_name, table_name, batch FROM lies ANTI JOIN kept USING ({', '.join(_BATCH)})"
    new = [(*key, landed[key][0]) for key in connection.execute(lacking).fetchall()]
    if unchanged and not new:
        return False
    footers = read_footers(lake.root, [lying.file for *_, lying in new if not lying.facts])
    facts = [(*key, lying.facts or footers[lying.file].facts[0]) for *key, lying in new]
    make_table(connection, "facts", dict.fromkeys((*list(_BATCH)[:3], "key", "value"), "VARCHAR"), _told(facts))
    lake.write(connection, scratch, _select(ledger), _PLACE, ENCODINGS)
    return True


def _take_over(connection: duckdb.DuckDBPyConnection, scratch: Path, lake: Lake, ledger: Table) -> bool:
    """Make the table `kept` of what the ledger says of batches that are known; returns whether that is all it says."""
    shape = ", ".join(f"NULL::{sql_type(column)} AS {name(column.name)}" for column in ledger.columns)
    nothing = f"(SELECT {shape}, NULL::DATE AS landed_on WHERE false)"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE kept AS FROM {nothing}")
    same = " AND ".join(f"written.{mark} IS NOT DISTINCT FROM lies.{mark}" for mark in _MARKS)
    try:
        with lake.root.here(_PLACE, scratch) as path:
            columns = ", ".join(name(column.name) for column in ledger.columns)
            written = f"SELECT {columns}, landed_at::DATE AS landed_on FROM read_parquet({quoted(str(path))})"
            written = f"({written}) AS written"
            connection.execute(f"INSERT INTO kept FROM {written} SEMI JOIN lies USING ({', '.join(_BATCH)})")
            return connection.execute(
                f"SELECT coalesce(bool_and(lies.batch IS NOT NULL AND {same}), true)"
                f" FROM {written} LEFT JOIN lies USING ({', '.join(_BATCH)})"
            ).fetchone()[0]
    except (FileNotFoundError, duckdb.Error):
        return False


def _told(facts: list[tuple[str, str, str, Facts]]) -> list[tuple[str, ...]]:
    return [(*key, fact, value) for *key, one in facts for fact, value in one.items()]


def _select(ledger: Table) -> str:
    """SQL of the ledger's rows: one per batch."""
    key = ", ".join(list(_BATCH)[:3])
    told = {column.name: f"facts[{quoted(column.name)}]" for column in ledger.columns}
    told |= {"source_name": "source_name", "table_name": "table_name"}
    columns = [
        f"CAST({told[column.name]} AS {sql_type(column)}) AS {name(column.name)}"
        for column in ledger.columns
        if column.name not in _MARKS
    ]
    new = (
        f"SELECT {', '.join(columns)} FROM"
        f" (SELECT {key}, map_from_entries(list((key, value))) AS facts FROM facts GROUP BY {key})"
    )
    known = f"(FROM kept SELECT * EXCLUDE (landed_on, {', '.join(_MARKS)}) UNION ALL BY NAME {new})"
    usual = [
        "CAST(NULL AS VARCHAR) AS _rescued",
        "source_file AS _source",
        f"row_number() OVER (ORDER BY {key}) AS _row",
        "landed_at AS _landed_at",
        "batch AS _batch",
    ]
    named = [name(column.name) for column in ledger.columns]
    return f"SELECT {', '.join([*named, *usual])} FROM {known} JOIN lies USING ({key}) ORDER BY _row"
