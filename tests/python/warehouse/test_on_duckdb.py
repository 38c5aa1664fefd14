"""How much memory whoever reads the tables may take."""

from __future__ import annotations

import pytest

from gymhouse.console import Problem
from tests.python.tiny_project import built
from warehouse import open_warehouse
from warehouse.on_duckdb import MEMORY_VARIABLE

LIMIT = "select current_setting('memory_limit')"


def test_readers_take_as_much_memory_as_builds(monkeypatch):
    monkeypatch.setenv(MEMORY_VARIABLE, "512MiB")
    with open_warehouse(built().home) as warehouse:
        assert warehouse.rows(LIMIT) == [("512.0 MiB",)]


def test_without_the_variable_the_engine_decides(monkeypatch):
    monkeypatch.delenv(MEMORY_VARIABLE, raising=False)
    with open_warehouse(built().home) as warehouse:
        assert warehouse.rows(LIMIT) != [("512.0 MiB",)]


def test_what_is_no_amount_of_memory_is_told(monkeypatch):
    monkeypatch.setenv(MEMORY_VARIABLE, "plenty")
    with pytest.raises(Problem, match=r"GYMHOUSE_MEMORY is 'plenty'") as raised, open_warehouse(built().home):
        pass
    assert "8GB" in raised.value.fix
