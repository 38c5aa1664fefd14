"""The profile of a build: times that add up, a chain that really waits link by link, bytes as they lie on disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from itertools import pairwise

import duckdb
import pyarrow as pa
import pytest
from deltalake import write_deltalake
from rich.console import Console
from tiny_project import Tiny, built

from gymhouse.artifacts import Table, load_build
from gymhouse.console import Problem
from gymhouse.home import DUCKDB, HOME_VARIABLE, PROJECT, SPARK, Home
from pipeline.profile import command
from pipeline.profile.nodes import Node, critical_path, nodes_of
from pipeline.profile.profile import profile
from pipeline.profile.stored import stored


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Tiny:
    return built(TINY_ROWS="200000").copy(tmp_path_factory.mktemp("profiled"))


@pytest.fixture(scope="module")
def told(tiny) -> dict:
    return profile(tiny.home, DUCKDB)


def node(name: str, seconds: float, *waits_for: str) -> Node:
    return Node(name, name, "model", seconds, 0.0, "one", frozenset(waits_for))


def test_longest_chain_is_by_seconds_and_not_by_links():
    nodes = [node("a", 1), node("b", 1, "a"), node("c", 1, "b"), node("long", 5, "a"), node("d", 1, "c", "long")]
    chain = critical_path({each.unique_id: each for each in nodes})
    assert [each.name for each in chain] == ["a", "long", "d"]


def test_build_of_nothing_has_no_chain():
    assert critical_path({}) == []


def test_chain_waits_link_by_link_as_dbt_did(tiny, told):
    nodes = nodes_of(load_build(tiny.home))
    chain = critical_path(nodes)
    assert len(chain) >= 3
    for former, later in pairwise(chain):
        assert former.unique_id in later.waits_for
        assert former.began + former.seconds <= later.began + 0.05, "dbt itself kept this order"
    names = [each["name"] for each in told["critical_path"]["nodes"]]
    assert names == [each.name for each in chain]


def test_table_waits_for_the_tests_of_what_it_reads(tiny):
    nodes = nodes_of(load_build(tiny.home))
    (daily,) = (each for each in nodes.values() if each.name == "visits_daily")
    waited = {nodes[unique_id].name.rpartition(".")[2] for unique_id in daily.waits_for}
    assert {"fct_visit", "unique_fct_visit_visit_id", "not_null_fct_visit_visit_id"} <= waited
    (tested,) = (each for each in nodes.values() if each.name == "unique_fct_visit_visit_id")
    assert {nodes[unique_id].name for unique_id in tested.waits_for} == {"fct_visit"}


def test_times_add_up(told):
    path = told["critical_path"]
    assert path["seconds"] == pytest.approx(sum(each["seconds"] for each in path["nodes"]), abs=0.01)
    assert path["seconds"] <= told["seconds"] + 0.05
    assert told["worked"] <= told["threads"] * told["seconds"] + 0.05
    assert told["idle"] == pytest.approx(told["threads"] * told["seconds"] - told["worked"], abs=0.01)
    assert sum(each["share"] for each in told["tables"]) == pytest.approx(1, abs=0.01)
    assert [each["seconds"] for each in told["tables"]] == sorted(
        (each["seconds"] for each in told["tables"]), reverse=True
    )


def test_rows_and_bytes_are_those_of_the_stored_tables(tiny, told):
    by_name = {each["name"]: each for each in told["tables"]}
    assert {name: each["rows"] for name, each in by_name.items()} == {
        "stg_visits": None,
        "int_people": 10,
        "fct_visit": 200_000,
        "visits_daily": 10,
        "empty_report": 0,
    }
    assert by_name["stg_visits"]["bytes"] is None, "a view takes no room"
    assert by_name["empty_report"]["bytes"] == 0
    assert max(by_name.values(), key=lambda each: each["bytes"] or 0)["name"] == "fct_visit"
    total = sum(each["bytes"] or 0 for each in told["tables"])
    assert 200_000 < total <= tiny.home.warehouse.stat().st_size


def test_bytes_of_a_delta_table_are_those_of_its_newest_files(tmp_path):
    home = Home(tmp_path)
    folder = home.spark_table("gold", "fct_visit")
    rows = pa.table({"visit_id": list(range(1000))})
    for _ in range(2):
        write_deltalake(folder, rows, mode="overwrite")
    files = sorted(folder.glob("*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    assert len(files) == 2
    found = stored(home, SPARK, [Table("m", "gold", "fct_visit", (), (), False, False, frozenset())])
    assert found == {"gold.fct_visit": (1000, files[-1].stat().st_size)}


def test_command_prints_a_table_and_json(tiny, told):
    def run(*options: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pipeline", "profile", *options],
            cwd=PROJECT,
            env={**os.environ, HOME_VARIABLE: str(tiny.home.root)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    assert json.loads(run("--json")) == told
    shown = run("--top", "2")
    assert "3 more" in shown
    assert f"Critical path: {told['critical_path']['seconds']:.1f} s" in shown
    assert "blocks of the DuckDB file" in shown


def test_a_narrow_screen_folds_names_and_cuts_no_number(told, monkeypatch):
    long = {**told["tables"][0], "name": "int_equipment_sessions_deduplicated", "rows": 1_070_306, "bytes": 64_960_000}
    written = StringIO()
    monkeypatch.setattr(command, "out", Console(file=written, width=80, highlight=False, soft_wrap=True))
    command._show_tables({**told, "tables": [long]}, top=1)
    assert "1,070,306" in written.getvalue()
    assert "65.0 MB" in written.getvalue()
    assert "seconds" in written.getvalue()


def test_without_a_build_or_after_a_change_it_says_what_to_do(tiny, tmp_path):
    with pytest.raises(Problem, match="make run"):
        profile(Home(tmp_path), DUCKDB)
    other = tiny.copy(tmp_path / "changed")
    with duckdb.connect(str(other.home.warehouse)) as connection:
        connection.execute("create table gold.more as select 1 as one")
    os.utime(other.home.target / "run_results.json", (0, 0))
    with pytest.raises(Problem, match="was changed after the build"):
        profile(other.home, DUCKDB)
