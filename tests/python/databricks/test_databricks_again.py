"""A second build, into tables that are there: masks and grants stay what they should be."""

from __future__ import annotations

import pytest
from dialect import faults
from workspace import CATALOG, CREDENTIALS, TOKEN, Statement, Workspace

SNAPSHOT = f"`{CATALOG}`.`restricted`.`member_profile_snapshot`"
IDENTITY = f"`{CATALOG}`.`restricted`.`member_identity`"
# As if streets and birth dates were new in the profiles, and last names tagged since.
THERE = {
    "restricted": {
        "member_profile_snapshot": [
            *("member_id", "first_name", "last_name"),
            *("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to"),
        ],
        "member_identity": ["member_key"],
    }
}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> list[Statement]:
    workspace = Workspace(tmp_path_factory.mktemp("again"), CREDENTIALS | TOKEN)
    done, statements = workspace.record(
        *("build", "--select", "member_profile_snapshot", "member_identity"),
        *("--exclude-resource-type", "test", "unit_test"),
        tables=THERE,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return statements


def test_its_statements_are_databricks_sql(sent):
    assert [fault for statement in sent for fault in faults(statement.sql, CATALOG)] == []


def test_a_snapshot_is_kept_and_its_new_columns_are_masked_before_they_are_filled(sent):
    touched = [statement.words for statement in sent if SNAPSHOT in statement.words]
    changed = [sql for sql in touched if sql.startswith(("create or replace table", "alter table", "insert", "merge"))]
    masked = [sql.split("`")[7] if " set mask " in sql else sql.split()[0] for sql in changed]
    assert masked == ["first_name", "last_name", "alter", "street_address", "birth_date", "merge"]


def test_who_is_no_longer_named_loses_the_grant(sent):
    dealt = [statement.words for statement in sent if statement.words.startswith(("grant ", "revoke "))]
    assert dealt == [f"revoke SELECT on {IDENTITY} from `former`"]
