"""What dbt knows of the project, parsed once a test process."""

from __future__ import annotations

import json

import pytest
from one_parse import parsed

from gymhouse.home import DUCKDB


@pytest.fixture(scope="session")
def manifest() -> dict:
    """dbt's manifest of the project as it stands."""
    return json.loads((parsed().target_of(DUCKDB) / "manifest.json").read_text())
