"""The gate on a real build: what it lets through, what it stops, and what it may say about it."""

import json
import os

import duckdb
import pytest
from click.testing import CliRunner

from gymhouse.console import Problem
from gymhouse.home import HOME_VARIABLE
from quality.__main__ import main


def write(tiny, table: str, text: str) -> None:
    path = tiny.project / "contracts" / f"{table.replace('.', '/')}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def only_failure(verdict: dict) -> dict:
    assert not verdict["passed"]
    (failure,) = verdict["failures"]
    return failure


def test_a_sound_build_passes_and_every_table_is_counted(tiny):
    verdict = tiny.gate()
    assert verdict["passed"]
    assert verdict["complete"]
    assert verdict["failures"] == []
    assert verdict["rows"] == {
        "bronze.stg_visits": 100,
        "gold.empty_report": 0,
        "gold.fct_visit": 100,
        "gold.visits_daily": 10,
        "restricted.int_people": 10,
    }
    # For each table: schema, rows, unique key; and one check a key column (seven of them).
    assert verdict["checks_passed"] == 5 * 3 + 7
    results = json.loads((tiny.home.target / "run_results.json").read_text())
    assert verdict["invocation_id"] == results["metadata"]["invocation_id"]


DERIVED = {
    "duplicate key": (
        "insert into gold.fct_visit select * from gold.fct_visit where visit_id in (3, 7)",
        ("gold.fct_visit", "(visit_id) is unique", "failing rows: 2, must be 0", [{"visit_id": 3}, {"visit_id": 7}]),
    ),
    "duplicate key of several columns": (
        "insert into gold.visits_daily select * from gold.visits_daily where member_id = 4",
        (
            "gold.visits_daily",
            "(visit_date, member_id) is unique",
            "failing rows: 1, must be 0",
            [{"visit_date": "2026-01-05", "member_id": 4}],
        ),
    ),
    "missing key": (
        "update gold.visits_daily set visit_date = null where member_id = 4",
        (
            "gold.visits_daily",
            "visit_date: the key visit_date is there",
            "rows without a value: 1, must be 0",
            [{"visit_date": None, "member_id": 4}],
        ),
    ),
    "narrower type": (
        "alter table gold.fct_visit alter member_id type integer",
        (
            "gold.fct_visit",
            "columns and types are as declared",
            "member_id is integer, declared bigint",
            [],
        ),
    ),
    "other decimal": (
        "alter table gold.visits_daily alter minutes_in_gym type decimal(18, 3)",
        (
            "gold.visits_daily",
            "columns and types are as declared",
            "minutes_in_gym is decimal(18,3), declared decimal(18,2)",
            [],
        ),
    ),
    "undeclared column": (
        "alter table gold.fct_visit add note varchar",
        ("gold.fct_visit", "columns and types are as declared", "undeclared column note", []),
    ),
    "lost column": (
        "alter table gold.fct_visit drop minutes",
        ("gold.fct_visit", "columns and types are as declared", "missing column minutes", []),
    ),
    "other order": (
        "create or replace table gold.fct_visit as select visit_id, minutes, member_id, visit_date from gold.fct_visit",
        ("gold.fct_visit", "columns and types are as declared", "the columns are in another order", []),
    ),
}


@pytest.mark.parametrize("defect", DERIVED)
def test_a_planted_defect_is_stopped_without_a_contract_file(tiny, defect):
    sql, (table, check, message, keys) = DERIVED[defect]
    tiny.change(sql)
    assert only_failure(tiny.gate()) == {"table": table, "check": check, "message": message, "sample_keys": keys}


DECIDED = {
    "out of range": (
        "update gold.fct_visit set minutes = -5 where visit_id in (11, 12, 13, 14, 15, 16, 17)",
        "columns: [{name: minutes, checks: [{invalid: {valid_min: 0, valid_max: 89}}]}]",
        ("minutes: No invalid values", "invalid values: 7, must be 0", [{"visit_id": n} for n in range(11, 16)]),
    ),
    "broken relation": (
        "update gold.fct_visit set member_id = 99 where visit_id = 20",
        "columns: [{name: member_id, checks: [{invalid: {name: is a known member, valid_reference_data: "
        "{dataset: gymhouse/gold/visits_daily, column: member_id}}}]}]",
        ("member_id: is a known member", "invalid values: 1, must be 0", [{"visit_id": 20}]),
    ),
    "failing expression": (
        "update gold.fct_visit set minutes = 500 where visit_id = 20",
        "checks: [{failed_rows: {name: short, qualifier: s, expression: minutes > 400}}]",
        ("short", "failing rows: 1, must be 0", [{"visit_id": 20}]),
    ),
    "failing query": (
        "update gold.fct_visit set minutes = 500 where visit_id = 20",
        "checks: [{failed_rows: {name: short, qualifier: s, query: select * from gold.fct_visit where minutes > 400}}]",
        ("short", "failing rows: 1, must be 0", [{"visit_id": 20}]),
    ),
    "repeated value": (
        "update gold.fct_visit set minutes = 1000 + visit_id; update gold.fct_visit set minutes = 1 where visit_id < 2",
        "columns: [{name: minutes, checks: [duplicate: ]}]",
        ("minutes: No duplicate values", "duplicates: 1, must be 0", [{"visit_id": 0}, {"visit_id": 1}]),
    ),
    "too many missing": (
        "update gold.fct_visit set minutes = null where visit_id >= 80",
        "columns: [{name: minutes, checks: [missing: {threshold: {metric: percent, must_be_less_than: 5}}]}]",
        (
            "minutes: No missing values",
            "rows without a value: 20%, must be less than 5%",
            [{"visit_id": n} for n in range(80, 85)],
        ),
    ),
    "strange mean": (
        "update gold.fct_visit set minutes = 1000",
        "columns: [{name: minutes, checks: [aggregate: {function: avg, threshold: {must_be_less_than: 100}}]}]",
        ("minutes: Metric function meets threshold", "value: 1,000, must be less than 100", []),
    ),
}


@pytest.mark.parametrize("defect", DECIDED)
def test_a_decided_check_stops_its_defect_and_nothing_else(tiny, defect):
    sql, contract, (check, message, keys) = DECIDED[defect]
    write(tiny, "gold.fct_visit", contract)
    if defect != "repeated value":
        assert tiny.gate()["passed"]
    tiny.change(sql)
    failure = only_failure(tiny.gate())
    assert failure == {"table": "gold.fct_visit", "check": check, "message": message, "sample_keys": keys}


@pytest.mark.parametrize(
    ("contract", "reason"),
    [
        ("checks: [{failed_rows: {name: odd, qualifier: s, expression: no_such_column > 1}}]", "no_such_column"),
        ("checks: [{guess: {threshold: {must_be: 1}}}]", "Invalid check type"),
        ("checks: [{row_count: {qualifier: 7, threshold: {must_be: some}}}]", "must_be"),
    ],
)
def test_a_check_that_cannot_be_evaluated_fails_the_gate(tiny, contract, reason):
    write(tiny, "gold.fct_visit", contract)
    verdict = tiny.gate()
    assert not verdict["passed"]
    assert verdict["checks_not_evaluated"] >= 1
    assert {failure["table"] for failure in verdict["failures"]} == {"gold.fct_visit"}
    assert all(reason in failure["message"] for failure in verdict["failures"])


def test_a_table_that_is_gone_fails_the_gate(tiny):
    tiny.change("drop table gold.fct_visit")
    verdict = tiny.gate()
    assert not verdict["passed"]
    assert verdict["checks_not_evaluated"] == 4
    told = {failure["message"] for failure in verdict["failures"]}
    assert told == {"not evaluated: Catalog Error: Table with name fct_visit does not exist!"}
    assert verdict["rows"]["gold.fct_visit"] is None


def test_a_warning_is_told_and_passes(tiny):
    write(
        tiny,
        "gold.fct_visit",
        "checks: [{row_count: {name: many, qualifier: w, threshold: {level: warn, must_be_greater_than: 1000}}}]",
    )
    verdict = tiny.gate()
    assert verdict["passed"]
    (warning,) = verdict["warnings"]
    assert (warning["check"], warning["message"]) == ("many", "rows: 100, must be more than 1,000")


def test_personal_data_is_never_shown(tiny):
    # The key itself holds a name, a check fails on it, an aggregate would tell it, and an error message would quote it.
    write(
        tiny,
        "restricted.int_people",
        "checks: [{failed_rows: {name: cast, qualifier: c, expression: first_name::int > 0}}]\n"
        "columns: [{name: first_name, checks: ["
        "{invalid: {valid_max_length: 3}}, {aggregate: {function: max_length, threshold: {must_be: 1}}}]}]",
    )
    verdict = tiny.gate()
    assert verdict["failures"]
    assert any("Conversion Error" in failure["message"] for failure in verdict["failures"])
    told = json.dumps(verdict)
    assert "Ada" not in told
    assert "Lovelace" not in told
    write(tiny, "restricted.int_people", "columns: [{name: first_name, checks: [{invalid: {valid_max_length: 3}}]}]")
    assert only_failure(tiny.gate())["sample_keys"] == [{"member_id": n} for n in range(5)]


def test_some_tables_only(tiny):
    verdict = tiny.gate(only=["fct_visit", "restricted.int_people"])
    assert list(verdict["rows"]) == ["gold.fct_visit", "restricted.int_people"]
    assert not verdict["complete"]
    with pytest.raises(Problem, match="no table fct_visits") as raised:
        tiny.gate(only=["fct_visits"])
    assert raised.value.fix == "Did you mean fct_visit?"


def test_results_of_another_command_than_the_last_are_refused(tiny):
    assert tiny.dbt("ls").returncode == 0  # Writes a manifest and no results, as a killed build does.
    with pytest.raises(Problem, match="not of the last dbt command"):
        tiny.gate()


@pytest.mark.parametrize(
    ("command", "named"), [(("compile",), "dbt compile"), (("docs", "generate"), "dbt docs generate")]
)
def test_results_of_a_command_that_judges_nothing_are_refused(failing_tiny, command, named):
    """It calls every table and test a success: failed tests would be forgotten, and the build be published."""
    assert failing_tiny.dbt(*command).returncode == 0
    with pytest.raises(Problem, match=f"are of `{named}`, which neither builds nor tests"):
        failing_tiny.gate()


def test_a_warehouse_that_changed_after_the_build_is_refused(tiny):
    changed = tiny.home.warehouse.stat().st_mtime
    os.utime(tiny.home.target / "run_results.json", (changed - 3600, changed - 3600))
    with pytest.raises(Problem, match="was changed after the build"):
        tiny.gate()


def test_the_warehouse_is_opened_once_and_only_to_read(tiny, monkeypatch):
    opened = []
    connect = duckdb.connect

    def spy(database=":memory:", *arguments, **options):
        opened.append((str(database), options.get("read_only", False)))
        return connect(database, *arguments, **options)

    monkeypatch.setattr(duckdb, "connect", spy)
    before = tiny.home.warehouse.read_bytes()
    tiny.gate()
    assert [each for each in opened if each[0] != ":memory:"] == [(str(tiny.home.warehouse), True)]
    assert tiny.home.warehouse.read_bytes() == before


def test_telemetry_is_off():
    assert os.environ["SODA_CORE_TELEMETRY_ENABLED"] == "false"


def test_the_command_tells_and_exits_as_promised(tiny, monkeypatch, tmp_path):
    monkeypatch.setenv(HOME_VARIABLE, str(tiny.home.root))
    (tiny.project / "contracts").mkdir()
    command = ["gate", "--contracts", str(tiny.project / "contracts"), "--json", str(tmp_path / "told.json")]
    passed = CliRunner().invoke(main, command)
    assert passed.exit_code == 0, passed.output
    assert "22 checks on 5 tables" in passed.output
    assert json.loads((tmp_path / "told.json").read_text())["passed"]
    assert json.loads((tiny.home.quality / "gate.json").read_text())["passed"]

    tiny.change("insert into gold.fct_visit select * from gold.fct_visit where visit_id = 3")
    failed = CliRunner().invoke(main, command)
    assert failed.exit_code == 1
    for told in ("gold.fct_visit", "(visit_id) is unique", "failing rows: 1, must be 0", "visit_id=3"):
        assert told in failed.output
    assert not json.loads((tiny.home.quality / "gate.json").read_text())["passed"]

    tiny.home.warehouse.unlink()
    unable = CliRunner().invoke(main, command)
    assert unable.exit_code == 2
    assert "There is no warehouse" in unable.output
    assert "dbt build" in unable.output
