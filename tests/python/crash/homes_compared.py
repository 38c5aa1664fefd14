"""What a home holds, in a form that two homes can be compared by: no times of the clock, no order."""

from __future__ import annotations

from pathlib import Path

import duckdb

from gymhouse.home import Home
from release.current import damage, open_release, releases

# When something landed, or when a snapshot first saw it: a twin did so at another time.
CLOCK = {"_landed_at", "landed_at", "last_landed_at", "dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to"}
# What tells of runs, and a killed one is one more.
OF_RUNS = {"stg_operations__runs", "int_runs_deduplicated", "pipeline_run"}
# The schema `raw` shows the lake's files; `slices` keeps what each table was made of.
NOT_COMPARED = ("raw", "slices")
WHERE = {
    "stg_operations__batches": "source_name != 'operations'",
    "row_reconciliation": "source_name != 'operations'",
}

Digest = tuple[int, int]


def lake_of(home: Home) -> dict[str, Digest]:
    """Rows and digest of every raw and rejected table, and of the ledger."""
    found = {}
    with duckdb.connect() as connection:
        for part in (home.raw, home.rejected):
            for folder in sorted(path for path in part.glob("*/*") if path.is_dir()):
                name = f"{part.name}.{folder.parent.name}.{folder.name}"
                if folder.parent.name == "operations" and folder.name == "runs":
                    continue
                rows = f"read_parquet('{folder}/*/*.parquet', union_by_name = true, hive_partitioning = false)"
                where = "source_name != 'operations'" if folder.name == "batches" else "true"
                # A row of the ledger has a number in it, which reports of runs shift.
                numbered = {"_row"} if folder.name == "batches" else set()
                found[name] = _digest(connection, f"(from {rows} where {where})", CLOCK | numbered)
    return found


def unbalanced(home: Home) -> list[tuple]:
    """Batches whose rows in the lake are not those that the ledger tells, or lie there twice."""
    ledger = next((home.raw / "operations" / "batches").rglob("*.parquet"))
    wrong = []
    with duckdb.connect() as connection:
        told = connection.execute(
            f"select source_name, table_name, batch, rows_read, rows_landed, rows_rejected from '{ledger}'"
        ).fetchall()
        for source, table, batch, read, landed, rejected in told:
            there = [_rows(connection, part / source / table, batch) for part in (home.raw, home.rejected)]
            if read != landed + rejected or there != [(landed, landed), (rejected, rejected)]:
                wrong.append((source, table, batch, read, landed, rejected, there))
        listed = {(source, table, batch) for source, table, batch, *_ in told}
        if len(listed) != len(told):
            wrong.append(("the ledger tells a batch twice",))
    return wrong


def _rows(connection: duckdb.DuckDBPyConnection, folder: Path, batch: str) -> tuple[int, int]:
    """Rows of a batch, and how many of them are different ones."""
    files = [str(path) for path in folder.rglob("*.parquet")]
    if not files:
        return (0, 0)
    query = "select count(*), count(distinct _row) from read_parquet($1, union_by_name = true) where _batch = $2"
    return connection.execute(query, [files, batch]).fetchone()


def warehouse_of(home: Home) -> dict[str, Digest]:
    """Rows and digest of every table and view that dbt builds."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_catalog = 'gymhouse' and table_schema not in $1 order by all",
            [list(NOT_COMPARED)],
        ).fetchall()
        return {
            f"{schema}.{name}": _digest(
                connection, f'(from "{schema}"."{name}" where {WHERE.get(name, "true")})', CLOCK
            )
            for schema, name in names
            if name not in OF_RUNS
        }


def _digest(connection: duckdb.DuckDBPyConnection, relation: str, left_out: set[str]) -> Digest:
    columns = [name for name, *_ in connection.execute(f"describe {relation}").fetchall()]
    wanted = ", ".join(f'"{name}"' for name in sorted(columns) if name not in left_out)
    return connection.execute(f"select count(*), coalesce(sum(hash({wanted}))::hugeint, 0) from {relation}").fetchone()


def published_by(home: Home) -> dict[str, Digest]:
    """Rows and digest of every table of the live release, which must be whole."""
    live = open_release(home)
    assert damage(live) == []
    with duckdb.connect() as connection:
        found = {}
        for entry in live.tables.values():
            name = entry["name"]
            if name not in OF_RUNS:
                rows = live.relation(connection, name, entry["schema"]).filter(WHERE.get(name, "true"))
                rows.create_view("published", replace=True)
                found[f"{entry['schema']}.{name}"] = _digest(connection, "published", CLOCK)
        return found


def left_over(home: Home) -> list[str]:
    """What no command would leave that ended by itself."""
    known = {".lock", "CURRENT"} | {release.id for release in releases(home)}
    found = [path for path in home.releases.iterdir() if path.name not in known]
    found += [path for path in (home.warehouse_log, home.warehouse_spill) if path.exists()]
    found += [path for folder in (home.scratch, home.lake / ".landing") if folder.exists() for path in folder.iterdir()]
    found += home.root.rglob("*.tmp")
    return sorted(str(path.relative_to(home.root)) for path in found)
