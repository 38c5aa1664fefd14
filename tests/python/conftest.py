"""What every test shares: a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from houses import House, make_house


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A home of this test alone."""
    return make_house(tmp_path / "home")


@pytest.fixture(scope="module")
def module_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A home that the tests of one file share, for runs too long to repeat."""
    return make_house(tmp_path_factory.mktemp("home") / "home")
