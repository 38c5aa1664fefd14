"""How much of the disk each table takes, as its engine stores it."""

from __future__ import annotations

from deltalake import DeltaTable

from gymhouse.artifacts import Table
from gymhouse.home import DUCKDB, Home
from warehouse import open_warehouse

UNITS = {DUCKDB: "blocks of the DuckDB file", "spark": "files of the Delta table's newest version"}


def stored(home: Home, engine: str, tables: list[Table]) -> dict[str, tuple[int, int]]:
    """(rows, bytes) of each of the `tables` that is stored, by table id; views are left out.

    For DuckDB the blocks (256 KiB) of the file: where tables share one, each counts what lies between its beginning and
    that of the next. For Spark the data files of the newest version.
    """
    return _in_duckdb(home, tables) if engine == DUCKDB else _in_delta(home, tables)


def _in_duckdb(home: Home, tables: list[Table]) -> dict[str, tuple[int, int]]:
    with open_warehouse(home) as warehouse:
        kept = {
            f"{schema}.{name}"
            for schema, name in warehouse.rows("select schema_name, table_name from duckdb_tables() where not internal")
        }
        there = [table for table in tables if table.id in kept]
        if not there:
            return {}
        segments = " union all ".join(
            f"select {number} as number, block_id, block_offset from pragma_storage_info('{table.relation}')"
            f" where block_id >= 0 union all select {number}, unnest(additional_block_ids), 0"
            f" from pragma_storage_info('{table.relation}')"
            for number, table in enumerate(there)
        )
        ((block,),) = warehouse.rows("select block_size from pragma_database_size() where database_name = 'gymhouse'")
        sizes = dict(
            warehouse.rows(f"""
                with segments as ({segments}),
                places as (select min(number) as number, block_id, block_offset from segments group by all),
                sizes as (
                    select number, lead(block_offset, 1, {block}) over (
                        partition by block_id order by block_offset
                    ) - block_offset as bytes
                    from places
                )
                select number, sum(bytes)::bigint from sizes group by number
            """)
        )
        rows = [warehouse.rows(f"select count(*) from {table.relation}")[0][0] for table in there]
    return {table.id: (rows[number], sizes.get(number, 0)) for number, table in enumerate(there)}


def _in_delta(home: Home, tables: list[Table]) -> dict[str, tuple[int, int]]:
    found = {}
    for table in tables:
        folder = home.spark_table(table.schema, table.name)
        if (folder / "_delta_log").is_dir():
            files = DeltaTable(folder).get_add_actions(flatten=True)
            rows, sizes = (files.column(name).to_pylist() for name in ("num_records", "size_bytes"))
            found[table.id] = (sum(each or 0 for each in rows), sum(sizes))
    return found
