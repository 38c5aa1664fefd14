"""Each test gets its own copy of one small project that the real dbt built."""

import pytest

from gymhouse.home import DUCKDB
from release.publish import publish
from tests.python.tiny_project import Tiny, built


@pytest.fixture
def tiny(tmp_path) -> Tiny:
    return built().copy(tmp_path)


@pytest.fixture
def failing_tiny(tmp_path) -> Tiny:
    """A build with failed dbt tests."""
    return built(TINY_FAILS="yes").copy(tmp_path)


@pytest.fixture
def released(tiny):
    """A function: change the warehouse by SQL (or not), gate it, publish it; returns what `publish` returns."""

    def release(sql: str = "", keep: int = 10) -> dict:
        if sql:
            tiny.change(sql)
        tiny.gate(accept_volume_drop=True)
        return publish(tiny.home, tiny.home.verdict_of(DUCKDB), keep)

    return release
