"""The page on data quality tells of every kind of defect and of every rule of quarantine."""

from __future__ import annotations

import re

import pytest

from data_gen.writing.defect_plan import RATES
from gymhouse.home import PROJECT

PAGE = PROJECT / "docs" / "data-quality.md"


@pytest.fixture(scope="module")
def told() -> set[str]:
    """All that the page names as code."""
    return set(re.findall(r"`([^`\s]+)`", PAGE.read_text()))


@pytest.fixture(scope="module")
def rules(manifest) -> set[str]:
    """The rules that judged views may name, by what their column says of its values."""
    return {
        value
        for node in manifest["nodes"].values()
        if (column := node.get("columns", {}).get("quarantine_rule"))
        for value in column["config"].get("meta", {}).get("values", [])
    }


def test_every_kind_of_defect_is_told(told: set[str]):
    assert not set(RATES) - told


def test_every_rule_of_quarantine_is_told(told: set[str], rules: set[str]):
    assert "unknown_event_type" in rules
    assert not rules - told
