"""What dbt built and tested in a run, from its artifacts and the warehouse."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import duckdb

from gymhouse.home import Home
from pipeline.masking import mask

TABLES = ("model", "seed", "snapshot")
TESTS = ("test", "unit_test")
BROKEN = ("fail", "error", "runtime error")


def built(home: Home, failures: Path, since: datetime) -> dict | None:
    """What the dbt build that began after `since` did; None when it did not get so far.

    Returns:
        `invocation_id`; `tables`: name, schema, kind, status, seconds, rows (None where not built), message; `tests`:
        counts `passed`, `failed`, `warned`, `skipped`, and `broken`, the failing ones with model, column, message and
        sample keys. Messages are masked: they hold no value of a row.
    """
    results = _read(home.target / "run_results.json")
    manifest = _read(home.target / "manifest.json")
    if not results or not manifest or datetime.fromisoformat(results["metadata"]["generated_at"]) < since:
        return None
    nodes = manifest["nodes"] | manifest["unit_tests"]
    names = names_of(manifest)
    made = [nodes[result["unique_id"]] for result in results["results"] if _is_made(result, nodes)]
    rows = _rows(home.warehouse, [(node["schema"], node["alias"]) for node in made])
    explained = {failure["test"]: failure for failure in _read(failures).get("failures", [])}
    tables, tests, broken = [], dict.fromkeys(("passed", "failed", "warned", "skipped"), 0), []
    for result in results["results"]:
        node = nodes.get(result["unique_id"], {})
        kind = node.get("resource_type")
        if kind in TABLES:
            tables.append(_table(node, result, rows, names))
        elif kind in TESTS:
            tests[_outcome(result["status"])] += 1
            if result["status"] in BROKEN:
                broken.append(_broken(node, result, explained, nodes, names))
    tables.sort(key=lambda table: (table["schema"], table["name"]))
    return {
        "invocation_id": results["metadata"]["invocation_id"],
        "tables": tables,
        "tests": {**tests, "broken": broken},
    }


def names_of(manifest: dict) -> set[str]:
    """Every table and column name of the project: what may stay readable in a masked message."""
    things = [*manifest["nodes"].values(), *manifest["sources"].values()]
    names = {name for thing in things for name in (thing["name"], thing.get("alias"), thing.get("schema")) if name}
    return names | {column for thing in things for column in thing.get("columns", {})}


def _is_made(result: dict, nodes: dict) -> bool:
    return result["status"] == "success" and nodes.get(result["unique_id"], {}).get("resource_type") in TABLES


def _table(node: dict, result: dict, rows: dict, names: set[str]) -> dict:
    return {
        "name": node["name"],
        "schema": node["schema"],
        "kind": node["config"]["materialized"],
        "status": result["status"],
        "seconds": round(result["execution_time"], 3),
        "rows": rows.get((node["schema"], node["alias"])),
        "message": None if result["status"] == "success" else mask(result["message"] or "", names),
    }


def _broken(node: dict, result: dict, explained: dict, nodes: dict, names: set[str]) -> dict:
    told = explained.get(result["unique_id"], {})
    tested = nodes.get(node.get("attached_node") or "", {})
    return {
        "test": node["name"],
        "model": tested.get("name") or node.get("model"),
        "column": node.get("column_name"),
        "rows": result["failures"],
        "message": mask(result["message"] or "", names),
        "description": node.get("description") or None,
        "sample_keys": told.get("sample_keys", []),
    }


def _outcome(status: str) -> str:
    if status in BROKEN:
        return "failed"
    return {"pass": "passed", "success": "passed", "warn": "warned"}.get(status, "skipped")


def _rows(warehouse: Path, relations: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Rows of each of the `relations`, given and returned as (schema, name)."""
    if not relations:
        return {}
    with duckdb.connect(warehouse, read_only=True) as connection:
        return {
            (schema, name): connection.execute(f'select count(*) from "{schema}"."{name}"').fetchone()[0]
            for schema, name in relations
        }


def _read(path: Path) -> dict:
    return json.loads(path.read_text()) if path.exists() else {}
