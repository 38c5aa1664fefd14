"""What all tests of this folder share: homes whose tables can be compared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def _one_secret() -> Iterator[None]:
    """Each home would hash addresses with a secret of its own, and no two hold the same rows then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GYMHOUSE_HMAC_SECRET", "one secret for all homes compared")
        yield
