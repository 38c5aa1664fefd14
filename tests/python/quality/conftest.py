"""Each test gets its own copy of one small project that the real dbt built."""

import pytest

from tests.python.tiny_project import Tiny, built


@pytest.fixture(scope="session")
def tiny_build(tmp_path_factory) -> Tiny:
    return built(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def tiny(tiny_build, tmp_path) -> Tiny:
    return tiny_build.copy(tmp_path)
