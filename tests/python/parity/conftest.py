"""What the tests of the comparison share."""

from __future__ import annotations

from pathlib import Path

import pytest
from parity_pairs import Pairs


@pytest.fixture
def pairs(tmp_path: Path) -> Pairs:
    """Pairs of tables of this test alone."""
    return Pairs(tmp_path)
