"""Make a release: an immutable copy of gold, written aside and made live in one step.

The order is what keeps a kill harmless: files, manifest, rename of the folder, CURRENT, retention.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

from gymhouse.artifacts import PERSONAL_TAG, Build, Table, load_build
from gymhouse.console import Problem
from gymhouse.files import write_atomic
from gymhouse.home import DUCKDB, Home
from release.admission import admit, require_unchanged
from release.copy import copy_table
from release.current import MANIFEST, PARQUET, Release, damage, find_release, live_id, releases
from release.store import KEEP, TIME_FORMAT, UNFINISHED, make_live, next_time, prune, settle, writing
from warehouse import open_warehouse

PUBLISHED_SCHEMA = "gold"
# What of an entry says which rows a table has: the same for every engine, every format and every copy.
CONTENT = ("schema", "name", "rows", "sha256", "key", "columns")


def publish(
    home: Home,
    gate_path: Path,
    keep: int = KEEP,
    engine: str = DUCKDB,
    file_format: str = PARQUET,
    on_start: Callable[[int], None] = lambda tables: None,
    on_table: Callable[[str], None] = lambda table: None,
) -> dict:
    """Publish the gold tables of the gated build of `engine` in `file_format` and make them live.

    Returns `release_id`, `format`, `unchanged` (the live release already held exactly this), `tables`, `rows`, `bytes`,
    `changed` (a list of `table`, `rows_before`, `rows_after`, `changed`), `pruned` (ids) and `seconds`. Raises
    `Problem` when the gate did not pass for this very build, or there is nothing to publish.
    """
    started = time.monotonic()
    build = load_build(home, engine)
    gate = admit(home, build, gate_path, engine)
    tables = _published(build)
    on_start(len(tables))
    with writing(home):
        former = _live(home)
        moment = next_time(home)
        stamp = moment.strftime(TIME_FORMAT)
        folder = home.releases / f".{stamp}{UNFINISHED}"
        with open_warehouse(home, engine) as warehouse:
            entries = []
            for table in tables:
                entries.append(copy_table(warehouse, folder, table, file_format, former))
                on_table(table.id)
            require_unchanged(home, gate, engine)
        riders = {table.id for table in tables if table.rides_along}
        release = _same_content(home, former, entries, file_format, riders)
        if release is None:
            told = json.dumps(list(map(_content, entries)), sort_keys=True)
            release_id = f"{stamp}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"
            manifest = {"id": release_id, "created_at": moment.isoformat(timespec="seconds")}
            manifest |= {"engine": engine, "format": file_format} | _origin(build, gate) | {"tables": entries}
            write_atomic(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
            release = settle(folder, home.releases / manifest["id"])
        if former != release:
            make_live(home, release)
        pruned = prune(home, keep)
    return {
        "release_id": release.id,
        "format": file_format,
        "unchanged": former is not None and former.id == release.id,
        "tables": len(entries),
        "rows": sum(entry["rows"] for entry in entries),
        "bytes": sum(entry["bytes"] for entry in entries),
        "changed": _changes(former, entries),
        "pruned": pruned,
        "seconds": round(time.monotonic() - started, 3),
    }


def _published(build: Build) -> list[Table]:
    tables = [table for table in build.tables if table.schema == PUBLISHED_SCHEMA]
    if not tables:
        raise Problem(f"The dbt project has no table in the schema {PUBLISHED_SCHEMA}.", "There is nothing to publish.")
    for table in tables:
        if leaks := sorted(table.personal & {column.name for column in table.columns}):
            raise Problem(
                f"{table.id} holds personal data: {', '.join(leaks)} (tagged {PERSONAL_TAG}).",
                "Keep it in the schema restricted, or replace the column by a key or a band.",
            )
    return tables


def _live(home: Home) -> Release | None:
    live = live_id(home)
    try:
        release = find_release(home, live) if live else None
    except Problem:
        return None  # CURRENT names a release that was removed by hand: publishing puts that right.
    return release if release and release.is_readable else None


def _same_content(
    home: Home, former: Release | None, entries: list[dict], file_format: str, riders: set[str]
) -> Release | None:
    """The live release, or a later one that was never made live (a kill) or was rolled back, if it holds just this.

    Tables of `riders` may differ: the record of runs grows with each run, and a release for its sake alone would push
    one that says something new out of retention.
    """

    def told(tables: list[dict]) -> list[dict]:
        return [_content(entry) for entry in tables if f"{entry['schema']}.{entry['name']}" not in riders]

    for release in releases(home):
        if former is not None and release.id < former.id:
            continue
        if not release.is_readable or release.format != file_format:
            continue
        if told(release.manifest["tables"]) == told(entries) and not damage(release):
            return release
    return None


def _content(entry: dict) -> dict:
    return {name: entry[name] for name in CONTENT}


def _origin(build: Build, gate: dict) -> dict:
    told = ("tables", "checks_passed", "checks_failed", "checks_not_evaluated", "seconds", "warnings", "rows")
    return {
        "dbt": {"invocation_id": build.invocation_id, "version": build.dbt_version},
        "gate": {"passed": True} | {name: gate[name] for name in told},
    }


def _changes(former: Release | None, entries: list[dict]) -> list[dict]:
    before = former.tables if former else {}
    after = {f"{entry['schema']}.{entry['name']}": entry for entry in entries}
    return [
        {
            "table": name,
            "rows_before": before[name]["rows"] if name in before else None,
            "rows_after": after[name]["rows"] if name in after else None,
            "changed": before.get(name, {}).get("sha256") != after.get(name, {}).get("sha256"),
        }
        for name in sorted(before | after)
    ]
