"""What dbt knows of the project, parsed once a test process."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from gymhouse.home import PROJECT
from pipeline.dbt import DBT
from pipeline.step import QUIET


@pytest.fixture(scope="session")
def manifest(tmp_path_factory) -> dict:
    """dbt's manifest of the project as it stands."""
    target = tmp_path_factory.mktemp("parsed")
    where = {"GYMHOUSE_HOME": str(target), "DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)}
    parsed = subprocess.run(
        [*DBT, "parse", "--no-partial-parse"],
        cwd=PROJECT,
        env={**os.environ, **QUIET, **where},
        capture_output=True,
        text=True,
        check=False,
    )
    assert parsed.returncode == 0, parsed.stdout + parsed.stderr
    return json.loads((target / "manifest.json").read_text())
