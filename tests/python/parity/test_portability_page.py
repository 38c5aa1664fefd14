"""The page lists each macro that has variants for engines, and the test that it names is there."""

from __future__ import annotations

import re

import yaml

from gymhouse.home import PROJECT

VARIANT = re.compile(r"{%-?\s*macro (?:default|duckdb|spark|databricks)__(\w+)\(")
ROW = re.compile(r"^\| `(\w+)` \| (.+) \| `(\w+)` \|$", re.MULTILINE)
PAGE = (PROJECT / "docs" / "portability.md").read_text()


def listed() -> dict[str, str]:
    return {macro: test for macro, _, test in ROW.findall(PAGE)}


def test_each_macro_with_variants_is_listed():
    found = {name for path in (PROJECT / "macros").rglob("*.sql") for name in VARIANT.findall(path.read_text())}
    assert len(found) > 10
    assert sorted(found) == sorted(listed())


def test_each_named_test_exists():
    pytests = {
        name
        for path in (PROJECT / "tests" / "python").rglob("test_*.py")
        for name in re.findall(r"^\s*def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    unit_tests = {
        each["name"]
        for path in (PROJECT / "models").rglob("*unit_tests.yml")
        for each in yaml.safe_load(path.read_text())["unit_tests"]
    }
    assert set(listed().values()) <= pytests | unit_tests


def test_each_expression_macro_is_run_on_both_engines():
    # What prepares an engine or its tables stands in no expression.
    prepares = ("register_raw_tables.sql", "prepare_engine.sql")
    cases = (PROJECT / "tests" / "python" / "parity" / "macro_cases.py").read_text()
    expressions = {
        name
        for path in (PROJECT / "macros" / "engine").glob("*.sql")
        if path.name not in prepares
        for name in VARIANT.findall(path.read_text())
    }
    assert {name for name in expressions if f"{{{{ {name}(" not in cases} == set()
