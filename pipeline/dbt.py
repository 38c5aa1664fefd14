"""dbt as the pipeline calls it: the command, and the environment that keeps all it leaves behind in one home."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gymhouse.home import DUCKDB, HOME_VARIABLE, PROJECT, SPARK, Home
from gymhouse.lock import still_lake
from warehouse import require_free

# Without the collector of reference cycles: of what dbt makes nearly all stays until it ends, and looking through it
# again and again is a tenth of a build. It costs some 0.3 MB a node.
DBT = [sys.executable, "-c", "import gc; gc.disable(); from dbt.cli.main import cli; cli()"]
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
NO_TESTS = (*NO_UNIT_TESTS, "--exclude-resource-type", "test")

PATIENCE_SECONDS = 10


def build_command(engine: str = DUCKDB, *arguments: str) -> list[str]:
    """`dbt build` on `engine`. What dbt says is kept by who calls it; its debug log beside that would cost a fifth."""
    return [*DBT, "--log-level-file", "none", "build", "--target", engine, *arguments]


def parse_command(engine: str = DUCKDB) -> list[str]:
    """`dbt parse` for `engine`, of which only what dbt keeps for its next command is wanted."""
    return [*DBT, "--quiet", "--no-write-json", "--log-level-file", "none", "parse", "--target", engine]


@contextmanager
def building(home: Home, engine: str = DUCKDB, ready: Callable[[], None] = lambda: None) -> Iterator[None]:
    """The moment for a build: the tables are free, and nothing lands while models read the lake one after the other.

    Waits until `ready` returns, some seconds for who reads the tables, and for a landing to end. What a killed build
    spilled is swept away.

    Raises:
        Problem: somebody has the tables open; says who.
    """
    ready()
    require_free(home, engine, PATIENCE_SECONDS)
    with still_lake(home.lake, wait=True):
        if engine == DUCKDB:
            shutil.rmtree(home.warehouse_spill, ignore_errors=True)
        yield


def environment(home: Home, engine: str = DUCKDB) -> dict[str, str]:
    """Variables that make a command, dbt too, keep everything in `home`."""
    found = {
        HOME_VARIABLE: str(home.root),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(home.target_of(engine)),
        "DBT_LOG_PATH": str(home.root / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    # Spark needs no name that the network knows for a machine that talks to itself.
    return found | ({"SPARK_LOCAL_IP": "127.0.0.1"} if engine == SPARK else {})
