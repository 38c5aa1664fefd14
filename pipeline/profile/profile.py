"""The profile of the last build on an engine, out of what dbt left and the tables as they are stored."""

from __future__ import annotations

from gymhouse.artifacts import load_build, tables_of
from gymhouse.home import Home
from pipeline.built import TABLES
from pipeline.profile.nodes import Node, critical_path, nodes_of
from pipeline.profile.stored import UNITS, stored
from warehouse import require_fresh


def profile(home: Home, engine: str) -> dict:
    """Where the time of the last build of `engine` in `home` went. All times are seconds.

    Returns:
        `engine`, `begun_at`, `invocation_id`; `seconds` from the first node's begin to the last one's end; `worked`,
        the sum over all nodes; `threads` that worked, and the seconds that they were `idle`; `tables`, the slowest
        first: `name`, `schema`, `kind`, `seconds`, `share` of all seconds worked (its tests too), `tests` and
        `test_seconds`, `rows` and `bytes` as stored (None for a view), `is_critical`; `stored_as`, what the bytes are;
        `critical_path`: `seconds` and its `nodes` in order (`name`, `kind`, `seconds`).

    Raises:
        Problem: no build left its results, or the tables are no longer those that it built.
    """
    build = load_build(home, engine)
    require_fresh(home, engine)
    nodes = nodes_of(build)
    path = critical_path(nodes)
    tables = {table.unique_id: table for table in tables_of(build.manifest, TABLES)}
    built = [node for node in nodes.values() if node.kind in TABLES and node.unique_id in tables]
    kept = stored(home, engine, [tables[node.unique_id] for node in built])
    tested = _tests_by_table(nodes, build.manifest["nodes"])
    worked = sum(node.seconds for node in nodes.values())
    span = max((node.began + node.seconds for node in nodes.values()), default=0.0)
    threads = len({node.thread for node in nodes.values()})
    entries = []
    for node in sorted(built, key=lambda each: -each.seconds):
        table, tests = tables[node.unique_id], tested.get(node.unique_id, [])
        rows, size = kept.get(table.id, (None, None))
        judged = sum(test.seconds for test in tests)
        entries.append(
            {
                "name": table.name,
                "schema": table.schema,
                "kind": build.manifest["nodes"][node.unique_id]["config"]["materialized"],
                "seconds": round(node.seconds, 3),
                "share": round((node.seconds + judged) / worked, 4) if worked else 0.0,
                "tests": len(tests),
                "test_seconds": round(judged, 3),
                "rows": rows,
                "bytes": size,
                "is_critical": node in path,
            }
        )
    return {
        "engine": engine,
        "invocation_id": build.invocation_id,
        "begun_at": build.begun_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": round(span, 3),
        "worked": round(worked, 3),
        "threads": threads,
        "idle": round(max(0.0, threads * span - worked), 3),
        "tables": entries,
        "stored_as": UNITS[engine],
        "critical_path": {
            "seconds": round(sum(node.seconds for node in path), 3),
            "nodes": [{"name": each.name, "kind": each.kind, "seconds": round(each.seconds, 3)} for each in path],
        },
    }


def _tests_by_table(nodes: dict[str, Node], known: dict[str, dict]) -> dict[str, list[Node]]:
    """The tests that ran by the table that they are written at, else the first that they read."""
    found: dict[str, list[Node]] = {}
    for unique_id, node in nodes.items():
        if node.kind == "test":
            said = known[unique_id]
            table = said.get("attached_node") or next(iter(said["depends_on"]["nodes"]), None)
            found.setdefault(table, []).append(node)
    return found
