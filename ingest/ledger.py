"""The ledger of batches: what the footers of the lake's files say, as one table. Derived, never a second truth."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from gymhouse.home import RAW
from ingest.contract import Table
from ingest.lake import ENCODINGS, LEDGER_TABLE, Lake, day_of
from ingest.sql import make_table, name, quoted
from ingest.typing_rules import SQL_TYPES

# The ledger is one file that is replaced, so its folder carries no real date.
_PLACE = "/".join([RAW, *LEDGER_TABLE, "landed_date=1970-01-01", "batches.parquet"])
_FOOTER = "gymhouse."
# Stores answer slowly, but many questions at once.
_QUESTIONS = 16
_BATCH = {"source_name": "VARCHAR", "table_name": "VARCHAR", "batch": "VARCHAR", "landed_on": "DATE"}


def write_ledger(connection: duckdb.DuckDBPyConnection, scratch: Path, lake: Lake, tables: list[Table]) -> bool:
    """Bring the ledger up to the lake's files; returns whether it had to be written.

    What it says of files that still lie there is kept; of the others, and only of them, the footers are read.
    """
    ledger = next(table for table in tables if (table.source, table.name) == LEDGER_TABLE)
    dropped = [table for table in tables if table.drops]
    files = [(table, batch, file) for table in dropped for batch, file in lake.landed(table).items()]
    lies = [(table.source, table.name, batch, day_of(file), file) for table, batch, file in files]
    make_table(connection, "lies", {**_BATCH, "file": "VARCHAR"}, lies)
    held = _take_over(connection, scratch, lake, ledger)
    new = [
        file
        for (file,) in connection.execute(
            f"SELECT file FROM lies ANTI JOIN kept USING ({', '.join(_BATCH)})"
        ).fetchall()
    ]
    if not new and held == len(files):
        return False
    make_table(connection, "footers", dict.fromkeys(("file", "key", "value"), "VARCHAR"), _footers(lake, new))
    lake.write(connection, scratch, _select(ledger), _PLACE, ENCODINGS)
    return True


def _take_over(connection: duckdb.DuckDBPyConnection, scratch: Path, lake: Lake, ledger: Table) -> int:
    """Make the table `kept` of what the ledger says of files that lie there; returns its rows, -1 if there is none."""
    shape = ", ".join(f"NULL::{SQL_TYPES[column.type]} AS {name(column.name)}" for column in ledger.columns)
    nothing = f"(SELECT {shape}, NULL::DATE AS landed_on WHERE false)"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE kept AS FROM {nothing}")
    try:
        with lake.root.here(_PLACE, scratch) as path:
            columns = ", ".join(name(column.name) for column in ledger.columns)
            written = f"(SELECT {columns}, landed_at::DATE AS landed_on FROM read_parquet({quoted(str(path))}))"
            connection.execute(f"INSERT INTO kept FROM {written} SEMI JOIN lies USING ({', '.join(_BATCH)})")
            return connection.execute(f"SELECT count(*) FROM {written}").fetchone()[0]
    except (FileNotFoundError, duckdb.Error):
        return -1


def _footers(lake: Lake, files: list[str]) -> list[tuple[str, str, str]]:
    """(file, key, value) of everything that landing wrote into the files' footers."""
    if not files:
        return []
    from pyarrow.parquet import read_metadata

    def facts(file: str) -> list[tuple[str, str, str]]:
        with lake.root.open(file) as opened:
            said = read_metadata(opened).metadata or {}
        texts = {key.decode(): value.decode() for key, value in said.items() if key.startswith(_FOOTER.encode())}
        return [(file, key.removeprefix(_FOOTER), value) for key, value in texts.items()]

    with ThreadPoolExecutor(_QUESTIONS) as pool:
        return [fact for some in pool.map(facts, files) for fact in some]


def _select(ledger: Table) -> str:
    """SQL of the ledger's rows: one per raw file."""
    facts = {column.name: f"facts[{quoted(column.name)}]" for column in ledger.columns}
    facts |= {"source_name": "lies.source_name", "table_name": "lies.table_name"}
    columns = [f"CAST({facts[one.name]} AS {SQL_TYPES[one.type]}) AS {name(one.name)}" for one in ledger.columns]
    usual = [
        "CAST(NULL AS VARCHAR) AS _rescued",
        "source_file AS _source",
        "row_number() OVER (ORDER BY source_name, table_name, batch) AS _row",
        "landed_at AS _landed_at",
        "batch AS _batch",
    ]
    new = (
        f"SELECT {', '.join(columns)} FROM lies JOIN"
        " (SELECT file, map_from_entries(list((key, value))) AS facts FROM footers GROUP BY file) USING (file)"
    )
    return f"SELECT *, {', '.join(usual)} FROM (FROM kept SELECT * EXCLUDE (landed_on) UNION ALL {new}) ORDER BY _row"
