"""dbt-databricks has an environment of its own; `make parse` makes it."""

from __future__ import annotations

import os

import pytest
from workspace import ENVIRONMENT


@pytest.fixture(autouse=True, scope="session")
def _environment() -> None:
    if not (ENVIRONMENT / "bin" / "dbt").exists():
        reason = f"{ENVIRONMENT.name} is not there: 'make parse' makes it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
