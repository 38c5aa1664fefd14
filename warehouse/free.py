"""Whether somebody has the tables of a home open, told before work is wasted that would need them."""

from __future__ import annotations

import time

from gymhouse.console import Problem
from gymhouse.home import DUCKDB, Home
from gymhouse.processes import described, lock_holder

POLL_SECONDS = 0.1


def require_free(home: Home, engine: str = DUCKDB, patience: float = 0) -> None:
    """Raise `Problem`, after `patience` seconds, while another process has the tables of `engine` open.

    DuckDB lets one process write to a file while no other has it open, not even to read.
    """
    if engine != DUCKDB:
        from jvm.spark import require_free_metastore  # Only who asks for Spark waits for its modules.

        return require_free_metastore(home)
    until = time.monotonic() + patience
    while (pid := lock_holder(home.warehouse)) is not None:
        if time.monotonic() >= until:
            raise in_use(home, pid)
        time.sleep(POLL_SECONDS)


def in_use(home: Home, pid: int) -> Problem:
    """What to tell whoever needs the DuckDB file that the process `pid` has open."""
    return Problem(
        f"The warehouse {home.warehouse} is open elsewhere: {described(pid)}.",
        "Wait until that ends, or close it there; then run the same command again.",
    )
