"""What failed in the last dbt command, with keys of the rows that did it."""

from __future__ import annotations

from contextlib import ExitStack

from gymhouse.artifacts import Build, Table, load_build
from gymhouse.console import Problem
from gymhouse.home import DUCKDB, Home
from gymhouse.masking import engine_said
from quality.privacy import sample
from warehouse import Warehouse, open_warehouse

# The sentences of the test `table_rules` on a row.
BROKEN_RULES = "broken_rules"
# dbt's own generic tests rename the tested column.
RENAMED = ("unique_field", "value_field", "from_field")


def dbt_failures(home: Home, engine: str = DUCKDB) -> list[dict]:
    """Each failed node: `name`, `kind` (model, test, unit_test …), `table` (the first it reads, or itself), `status`,
    `message`, `sample_keys` (up to five; key columns, the tested column, what is wrong with the row; never personal
    data).

    Raises `Problem` without artifacts. A warehouse that cannot be read costs the sample keys, not the list.
    """
    build = load_build(home, engine)
    failed = build.failed()
    if not failed:
        return []
    with ExitStack() as stack:
        try:
            warehouse = stack.enter_context(open_warehouse(home, engine))
        except Problem:
            warehouse = None
        return [_failure(build, result, warehouse) for result in failed]


def _failure(build: Build, result: dict, warehouse: Warehouse | None) -> dict:
    unique_id = result["unique_id"]
    node = build.manifest["nodes"].get(unique_id) or build.manifest.get("unit_tests", {}).get(unique_id) or {}
    kind = unique_id.split(".")[0]
    names = frozenset().union(*(each.names for each in build.tables))
    table = _table(build, unique_id, node)
    keys = []
    if warehouse and kind == "test" and result["status"] == "fail" and result.get("compiled_code"):
        keys = _keys(warehouse, node, table, result["compiled_code"])
    return {
        "name": node.get("name", unique_id),
        "kind": kind,
        "table": table.id if table else None,
        "status": result["status"],
        # A unit test's message shows made-up rows, so it may be told whole.
        "message": (result["message"] or "").strip()
        if kind == "unit_test"
        else engine_said(result["message"] or "", names),
        "sample_keys": keys,
    }


def _table(build: Build, unique_id: str, node: dict) -> Table | None:
    wanted = [unique_id, node.get("attached_node"), *node.get("depends_on", {}).get("nodes", [])]
    by_id = {table.unique_id: table for table in build.tables}
    return next((by_id[each] for each in wanted if each in by_id), None)


def _keys(warehouse: Warehouse, node: dict, table: Table | None, sql: str) -> list[dict]:
    if table is None:
        return []
    tested = (node.get("test_metadata") or {}).get("kwargs", {}).get("column_name")
    shown = [name for name in dict.fromkeys((*table.key, tested, BROKEN_RULES)) if name and name not in table.personal]
    if tested in shown:
        shown += RENAMED
    rows = sample(warehouse, sql, shown)
    return [{tested if name in RENAMED else name: value for name, value in row.items()} for row in rows]
