"""Whether a warehouse is still the one that a build left, told without opening it."""

from __future__ import annotations

import hashlib

from gymhouse.artifacts import rebuild
from gymhouse.console import Problem
from gymhouse.home import DUCKDB, Home

# dbt writes its results a moment before it closes the warehouse.
CLOSING_SECONDS = 60


def warehouse_state(home: Home, engine: str = DUCKDB) -> dict | None:
    """What a build changes and reading does not; None where there is no warehouse.

    `modified_ns` of the newest change; for DuckDB the `size` of the file in bytes, and in `log` the bytes that a killed
    writer left beside it; for Spark the number of `commits` to its Delta tables, and `sha256` over their list.
    """
    if engine == DUCKDB:
        if not home.warehouse.exists():
            return None
        found = home.warehouse.stat()
        return {
            "size": found.st_size,
            "modified_ns": found.st_mtime_ns,
            "log": home.warehouse_log.stat().st_size if home.warehouse_log.exists() else 0,
        }
    commits = sorted(home.spark_tables.glob("*.db/*/_delta_log/*.json"))
    if not commits:
        return None
    listed = [(str(path.relative_to(home.spark_tables)), path.stat()) for path in commits]
    told = "\n".join(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in listed)
    return {
        "commits": len(commits),
        "sha256": hashlib.sha256(told.encode()).hexdigest(),
        "modified_ns": max(stat.st_mtime_ns for _, stat in listed),
    }


def require_fresh(home: Home, engine: str = DUCKDB) -> None:
    """Raise `Problem` when the warehouse was written to after dbt's results of `engine` in `home`.

    An analyst's own `dbt run` writes to the same warehouse and leaves its results elsewhere: the tables are then not
    those that the results speak of.
    """
    results = home.target_of(engine) / "run_results.json"
    state = warehouse_state(home, engine)
    if state and state["modified_ns"] > results.stat().st_mtime_ns + CLOSING_SECONDS * 10**9:
        raise Problem(
            f"{home.warehouse_of(engine)} was changed after the build of {home.target_of(engine)},"
            " by another dbt command or program.",
            rebuild(home, engine),
        )
