"""Each test gets its own copy of one small project that the real dbt built."""

import pytest

from tests.python.tiny_project import Tiny, built


@pytest.fixture
def tiny(tmp_path) -> Tiny:
    return built().copy(tmp_path)


@pytest.fixture
def failing_tiny(tmp_path) -> Tiny:
    """A build with failed dbt tests."""
    return built(TINY_FAILS="yes").copy(tmp_path)
