"""The gate: every contract over one warehouse that is only read, and one verdict."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from pathlib import Path

from gymhouse.artifacts import Build, Table, load_build
from gymhouse.console import Problem
from gymhouse.files import write_atomic
from gymhouse.home import DUCKDB, Home
from quality.contracts import FOLDER, as_yaml, complete, read_decided
from quality.soda import Outcome, verify
from quality.sources import open_source
from release.current import live_rows
from warehouse import open_warehouse, require_fresh, warehouse_state


def run_gate(
    home: Home,
    only: Iterable[str] = (),
    accept_volume_drop: bool = False,
    folder: Path = FOLDER,
    engine: str = DUCKDB,
    on_start: Callable[[int], None] = lambda tables: None,
    on_table: Callable[[Table], None] = lambda table: None,
) -> dict:
    """Check the tables of the last build of `engine` and return the verdict.

    Keys: `passed`; `engine`; `complete` (every table was checked); `invocation_id` (of the build); `warehouse` (its
    state, so that a later change is noticed); `seconds`; `tables`, `checks_passed`, `checks_failed`,
    `checks_not_evaluated` (counts); `rows` (by table); `failures` and `warnings` (each with `table`, `check`,
    `message`, `sample_keys`).
    Raises `Problem` when there is nothing to check or a contract file is wrong.
    """
    started = time.monotonic()
    build = load_build(home, engine)
    require_fresh(home, engine)
    tables = _chosen(build, only)
    contracts = complete_all(home, build, tables, accept_volume_drop, folder)
    on_start(len(tables))
    outcomes, rows = [], {}
    with open_warehouse(home, engine) as warehouse, ThreadPoolExecutor(warehouse.threads) as threads:
        state = warehouse_state(home, engine)
        source = open_source(warehouse)
        judged = threads.map(lambda table: verify(source, warehouse, table, contracts[table.id]), tables)
        for table, (found, counted) in zip(tables, judged, strict=True):
            outcomes += found
            rows[table.id] = counted
            on_table(table)
    count = Counter(outcome.status for outcome in outcomes)
    return {
        "passed": not count["failed"] and not count["not_evaluated"],
        "engine": engine,
        "complete": len(tables) == len(build.tables),
        "invocation_id": build.invocation_id,
        "warehouse": state,
        "seconds": round(time.monotonic() - started, 3),
        "tables": len(tables),
        "checks_passed": count["passed"] + count["warned"],
        "checks_failed": count["failed"],
        "checks_not_evaluated": count["not_evaluated"],
        "rows": rows,
        "failures": _told(outcomes, {"failed", "not_evaluated"}),
        "warnings": _told(outcomes, {"warned"}),
    }


def complete_all(
    home: Home, build: Build, tables: tuple[Table, ...], accept_volume_drop: bool = False, folder: Path = FOLDER
) -> dict[str, dict]:
    """The completed contract of each table, by table id; written below `<home>/quality/contracts` to look at."""
    decided = read_decided(build.tables, folder)
    live = live_rows(home)
    contracts = {}
    for table in tables:
        contract = complete(table, decided.get(table.id), live.get(table.id), accept_volume_drop)
        contracts[table.id] = contract
        path = home.quality / "contracts" / table.schema / f"{table.name}.yml"
        text = as_yaml(contract)
        if not path.exists() or path.read_text() != text:
            write_atomic(path, text)
    return contracts


def save_verdict(verdict: dict, path: Path) -> None:
    """Write the verdict as JSON, whole or not at all."""
    write_atomic(path, json.dumps(verdict, indent=2, ensure_ascii=False) + "\n")


def find_table(build: Build, name: str) -> Table:
    """The table called `name`, with or without its schema; raises `Problem` with the nearest name otherwise."""
    for table in build.tables:
        if name in {table.name, table.id}:
            return table
    near = get_close_matches(name, [table.name for table in build.tables], n=1)
    listed = "`dbt ls --resource-type model` lists them."
    raise Problem(f"There is no table {name}.", f"Did you mean {near[0]}?" if near else listed)


def _chosen(build: Build, only: Iterable[str]) -> tuple[Table, ...]:
    if not build.tables:
        raise Problem("The dbt project has no tables.", "Add a model, run `dbt build`, try again.")
    chosen = tuple(find_table(build, name) for name in only) or build.tables
    keyless = [table.id for table in chosen if not table.key]
    if keyless:
        raise Problem(
            f"No key is declared for {', '.join(keyless)}.",
            "Add `config: {meta: {key: [column, …]}}` to the model's YAML and run `dbt build`.",
        )
    return chosen


def _told(outcomes: list[Outcome], statuses: set[str]) -> list[dict]:
    return [
        {"table": each.table, "check": each.check, "message": each.message, "sample_keys": each.sample_keys}
        for each in outcomes
        if each.status in statuses
    ]
