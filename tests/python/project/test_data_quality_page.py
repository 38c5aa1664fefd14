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
    """The rules that judged views may name, by the tests of their column."""
    return {
        value
        for node in manifest["nodes"].values()
        if node.get("column_name") == "quarantine_rule" and node["test_metadata"]["name"] == "accepted_values"
        for value in node["test_metadata"]["kwargs"]["values"]
    }


def test_every_kind_of_defect_is_told(told: set[str]):
    assert not set(RATES) - told


def test_every_rule_of_quarantine_is_told(told: set[str], rules: set[str]):
    assert "unknown_event_type" in rules
    assert not rules - told
