"""What dbt built and tested in a run, from its artifacts and the warehouse."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from gymhouse.artifacts import load_build
from gymhouse.console import Problem
from gymhouse.home import SPARK, Home
from gymhouse.masking import engine_said
from warehouse import open_warehouse

TABLES = ("model", "seed", "snapshot")
TESTS = ("test", "unit_test")
BROKEN = ("fail", "error", "runtime error")


def built(home: Home, engine: str, failures: Path, since: datetime, counted: dict[str, int]) -> dict | None:
    """What the dbt build on `engine` that began after `since` did; None when it did not get so far.

    `counted`: rows of tables as the gate counted them, by `<schema>.<table>`.

    Returns:
        `invocation_id`; `tables`: name, schema, kind, status, seconds, rows (None where not built), message; `tests`:
        counts `passed`, `failed`, `warned`, `skipped`, and `broken`, the failing ones with model, column, message and
        sample keys. Messages are masked: they hold no value of a row.
    """
    if not _is_new(home.target_of(engine) / "run_results.json", since):
        return None
    try:
        build = load_build(home, engine)
    except Problem:  # dbt was stopped between its two files
        return None
    nodes = build.manifest["nodes"] | build.manifest.get("unit_tests", {})
    names = names_of(build.manifest)
    made = [nodes[unique_id] for unique_id, result in build.results.items() if _is_made(nodes[unique_id], result)]
    rows = _rows(home, engine, [(node["schema"], node["alias"]) for node in made], counted)
    explained = _explained(failures)
    tables, tests, broken = [], dict.fromkeys(("passed", "failed", "warned", "skipped"), 0), []
    for unique_id, result in build.results.items():
        node = nodes[unique_id]
        if node["resource_type"] in TABLES:
            tables.append(_table(node, result, rows, names))
        elif node["resource_type"] in TESTS:
            tests[_outcome(result["status"])] += 1
            if result["status"] in BROKEN:
                broken.append(_broken(node, result, explained.get(node["name"], {}), nodes, names))
    tables.sort(key=lambda table: (table["schema"], table["name"]))
    return {
        "invocation_id": build.invocation_id,
        "tables": tables,
        "tests": {**tests, "broken": broken},
    }


def names_of(manifest: dict) -> set[str]:
    """Every table and column name of the project: what may stay readable in a masked message."""
    things = [*manifest["nodes"].values(), *manifest["sources"].values()]
    names = {name for thing in things for name in (thing["name"], thing.get("alias"), thing.get("schema")) if name}
    return names | {column for thing in things for column in thing.get("columns", {})}


def _is_new(results: Path, since: datetime) -> bool:
    return results.exists() and results.stat().st_mtime >= since.timestamp()


def _is_made(node: dict, result: dict) -> bool:
    return result["status"] == "success" and node["resource_type"] in TABLES


def _table(node: dict, result: dict, rows: dict, names: set[str]) -> dict:
    return {
        "name": node["name"],
        "schema": node["schema"],
        "kind": node["config"]["materialized"],
        "status": result["status"],
        "seconds": round(result["execution_time"], 3),
        "rows": rows.get((node["schema"], node["alias"])),
        "message": None if result["status"] == "success" else engine_said(result["message"] or "", names),
    }


def _broken(node: dict, result: dict, told: dict, nodes: dict, names: set[str]) -> dict:
    tested = nodes.get(node.get("attached_node") or "", {})
    return {
        "test": node["name"],
        "model": tested.get("name") or node.get("model") or told.get("table"),
        "column": node.get("column_name"),
        "rows": result["failures"],
        "message": told.get("message") or engine_said(result["message"] or "", names),
        "description": node.get("description") or None,
        "sample_keys": told.get("sample_keys", []),
    }


def _outcome(status: str) -> str:
    if status in BROKEN:
        return "failed"
    return {"pass": "passed", "success": "passed", "warn": "warned"}.get(status, "skipped")


def _rows(
    home: Home, engine: str, relations: list[tuple[str, str]], counted: dict[str, int]
) -> dict[tuple[str, str], int]:
    """Rows of the `relations`, given and returned as (schema, name): those `counted` already, and the rest.

    The rest stays uncounted on Spark, which would take longer to start than the gate to count them all.
    """
    known = {(schema, name): counted.get(f"{schema}.{name}") for schema, name in relations}
    rest = [relation for relation, rows in known.items() if rows is None]
    if not rest or engine == SPARK:
        return known
    with open_warehouse(home) as tables:
        return known | {
            (schema, name): tables.rows(f'select count(*) from "{schema}"."{name}"')[0][0] for schema, name in rest
        }


def _explained(failures: Path) -> dict[str, dict]:
    """Failing tests with sample keys by name, from the JSON that `quality failures` left."""
    return {failure["name"]: failure for failure in json.loads(failures.read_text())} if failures.exists() else {}
