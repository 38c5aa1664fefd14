"""The target `databricks`: all that dbt would send to a workspace, read without one."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialect import faults, faults_of_files
from masks import bare, personal_columns
from workspace import CATALOG, CREDENTIALS, LAKE, TOKEN, Statement, Workspace

from jvm.java import require_java

READERS = {
    "GYMHOUSE_GOLD_READERS": "analysts, managers",
    "GYMHOUSE_RESTRICTED_READERS": "front desk",
    "GYMHOUSE_PERSONAL_DATA_READERS": "front desk",
}
LANDED = {LAKE: ["raw"], f"{LAKE}/raw": ["devices"], f"{LAKE}/raw/devices": ["bpm"]}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"), CREDENTIALS | TOKEN | READERS)


@pytest.fixture(scope="module")
def sent(workspace: Workspace) -> list[Statement]:
    """All that a first `dbt build` sends: hooks, seeds, models, snapshot, data tests, unit tests."""
    done, statements = workspace.record("build", lake=LANDED)
    assert done.returncode == 0, done.stdout[-3000:]
    return statements


def of(statements: list[Statement], node: str) -> list[str]:
    return [statement.words for statement in statements if statement.node == node]


# The language


@pytest.mark.full
def test_compiled_files_are_databricks_sql(tmp_path):
    """As a developer without a workspace compiles them."""
    compiled = Workspace(tmp_path)
    done = compiled.dbt("compile", "--no-introspect", "--no-populate-cache")
    assert done.returncode == 0, done.stdout
    nodes = [node for node in compiled.manifest["nodes"].values() if node["resource_type"] in ("model", "test")]
    assert len(list(compiled.compiled.rglob("*.sql"))) >= len(nodes) > 200
    assert faults_of_files(compiled.compiled, CATALOG) == []


def test_statements_of_a_build_are_databricks_sql(workspace, sent):
    nodes = workspace.manifest["nodes"] | workspace.manifest["unit_tests"]
    found = [
        f"{nodes[statement.node]['original_file_path'] if statement.node else 'hook'} ({statement.node}), {fault}"
        for statement in sent
        for fault in faults(statement.sql, CATALOG)
    ]
    assert found == []
    built = {node_id for node_id, node in nodes.items() if node["resource_type"] != "operation"}
    assert {statement.node for statement in sent} >= built


@pytest.mark.full
def test_statements_of_a_build_are_read_by_spark_itself(sent):
    """Spark 4.0's own parser, but for what only Databricks has."""
    from pyspark.errors import ParseException
    from pyspark.sql import SparkSession

    require_java()
    only_databricks = ("list ", "grant ", "optimize ", "alter table ")
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        parser = spark._jsparkSession.sessionState().sqlParser()
        refused = []
        for statement in sent:
            if not statement.words.lower().startswith(only_databricks):
                try:
                    parser.parsePlan(statement.sql)
                except ParseException as error:
                    refused.append((statement.node, statement.words[:100], str(error)[:300]))
    finally:
        spark.stop()
    assert refused == []


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("select\n    sum(a\nfrom `chain`.`gold`.`t`", "line 3: Expecting )"),
        ("select\n    list_sort(a)\nfrom `chain`.`gold`.`t`", "line 2: Spark has no function list_sort"),
        ("select * from read_parquet('x')", "line 1: Spark has no function read_parquet"),
        ("with a as (select 1)\nselect * from a\njoin `gold`.`t`", "line 3: `gold`.`t` is not of the form chain."),
        ("select * from `other`.`gold`.`t`", "line 1: `other`.`gold`.`t` is not of the form chain."),
        ("alter table `chain`.`gold`.`t` alter column `a` set mast f", "line 1: no statement that Databricks"),
        ("list /Volumes/chain", "line 1: no statement that Databricks"),
        ("select 1; select 2", "line 1: 2 statements"),
    ],
)
def test_other_sql_is_found(sql, fault, tmp_path):
    Path(tmp_path / "model.sql").write_text(sql)
    (found,) = faults_of_files(tmp_path, CATALOG)
    assert found.startswith(f"model.sql, {fault}")


# The session


def test_every_session_is_in_utc(sent):
    assert {statement.session.get("timezone") for statement in sent} == {"UTC"}


# The lake


def test_a_landed_table_is_read_from_the_lake(sent):
    (sql,) = [sql for sql in of(sent, "") if "`raw`.`devices__bpm`" in sql]
    assert f"read_files( '{LAKE}/raw/devices/bpm', format => 'parquet', schema => '`device_id` bigint" in sql
    assert [statement.words for statement in sent if statement.words.startswith("list ")] == [
        f"list '{LAKE}'",
        f"list '{LAKE}/raw'",
        f"list '{LAKE}/raw/devices'",
    ]


def test_a_table_without_a_file_is_there_and_empty(sent):
    (sql,) = [sql for sql in of(sent, "") if "`raw`.`club__locations`" in sql]
    assert "cast(null as bigint) as `gym`" in sql
    assert sql.endswith("where false")


# Who may read


def test_every_personal_column_is_masked_before_it_is_filled(workspace, sent):
    assert sum(map(len, personal_columns(workspace.manifest).values())) > 15
    assert bare(workspace.manifest, sent) == []


def test_a_missing_or_late_mask_is_found(workspace, sent):
    mask = next(statement for statement in sent if "set mask" in statement.sql)
    column = mask.words.split("`")[7]
    without = [statement for statement in sent if statement is not mask]
    assert bare(workspace.manifest, without) == [f"{mask.node}.{column} is filled without a mask"]
    assert bare(workspace.manifest, [*without, mask]) == [f"{mask.node}.{column} is filled without a mask"]


def test_masks_clear_the_readers_and_the_builder(sent):
    functions = {sql.split("`")[5]: sql for sql in of(sent, "") if sql.startswith("create or replace function")}
    cleared = "case when session_user() = 'builder@example.com' or is_account_group_member('front desk') then value"
    assert sorted(functions) == ["mask_date", "mask_string"]
    assert functions["mask_string"].endswith(f"returns string return {cleared} else '***' end")
    assert functions["mask_date"].endswith(f"returns date return {cleared} end")


def test_gold_is_granted_to_its_readers_and_personal_data_to_few(workspace, sent):
    granted: dict[str, set[str]] = {}
    for statement in sent:
        if statement.words.startswith("grant "):
            granted.setdefault(statement.node, set()).add(statement.words.split(" to ")[1])
    models = [node for node in workspace.manifest["nodes"].values() if node["resource_type"] == "model"]
    gold = {model["unique_id"]: {"`analysts`", "`managers`"} for model in models if model["schema"] == "gold"}
    assert granted == gold | {"model.gymhouse.member_identity": {"`front desk`"}}


def test_nobody_is_granted_anything_by_default(tmp_path):
    parsed = Workspace(tmp_path)
    assert parsed.dbt("parse").returncode == 0
    nodes = parsed.manifest["nodes"].values()
    assert {str(node["config"].get("grants", {})) for node in nodes} == {"{}", "{'select': []}"}
    assert all(node["config"]["materialized"] in ("table", "sliced") for node in nodes if node["config"].get("grants"))


# How tables lie


def test_large_tables_are_clustered_as_declared(workspace, sent):
    clustered = 0
    for node_id, node in workspace.manifest["nodes"].items():
        if columns := node["config"].get("liquid_clustered_by"):
            clustered += 1
            assert set(columns) <= set(node["columns"])
            made = f"create or replace table {node['relation_name']}"
            (created,) = [sql for sql in of(sent, node_id) if sql.startswith(made)]
            assert f"CLUSTER BY ({', '.join(columns)})" in created
    assert clustered > 10
