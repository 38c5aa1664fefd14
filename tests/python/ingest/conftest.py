"""A lake of each test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from landing_lakes import LakeOfTest, make_lake


@pytest.fixture
def lake(tmp_path: Path) -> LakeOfTest:
    """An empty lake and an empty drop folder."""
    return make_lake(tmp_path)


@pytest.fixture
def new_lake(tmp_path_factory) -> Callable[[], LakeOfTest]:
    """Makes one more empty lake each time it is called."""
    return lambda: make_lake(tmp_path_factory.mktemp("lake"))
