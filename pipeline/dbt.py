"""dbt as the pipeline calls it: the command, and the environment that keeps all it leaves behind in one home."""

from __future__ import annotations

import sys

from gymhouse.home import DUCKDB, HOME_VARIABLE, PROJECT, SPARK, Home

DBT = [sys.executable, "-c", "from dbt.cli.main import cli; cli()"]
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
NO_TESTS = (*NO_UNIT_TESTS, "--exclude-resource-type", "test")


def build_command(engine: str = DUCKDB, *arguments: str) -> list[str]:
    """`dbt build` on `engine`. What dbt says is kept by who calls it; its debug log beside that would cost a fifth."""
    return [*DBT, "--log-level-file", "none", "build", "--target", engine, *arguments]


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
