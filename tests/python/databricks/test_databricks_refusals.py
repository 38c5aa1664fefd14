"""What keeps a build from a workspace is told in a sentence before anything is built; developers build apart."""

from __future__ import annotations

import pytest
from workspace import CREDENTIALS, LAKE, OAUTH, TOKEN, Workspace, said

ONE_MODEL = ("run", "--select", "stg_club__locations")


def test_missing_credentials_are_named_together(tmp_path):
    done = Workspace(tmp_path, {}).dbt("build")
    assert done.returncode != 0
    assert (
        "The target 'databricks' has no credentials: set DATABRICKS_HOST, DATABRICKS_HTTP_PATH, DATABRICKS_TOKEN "
        "(or DATABRICKS_CLIENT_ID with DATABRICKS_CLIENT_SECRET) in the environment; docs/databricks.md says where"
    ) in said(done)


def test_half_an_oauth_client_is_none(tmp_path):
    done = Workspace(tmp_path, CREDENTIALS | {"DATABRICKS_CLIENT_ID": "none"}).dbt("parse")
    assert done.returncode != 0
    assert "has no credentials: set DATABRICKS_TOKEN (or DATABRICKS_CLIENT_ID with" in said(done)


@pytest.mark.parametrize(
    ("variables", "time_zone", "sentence"),
    [
        ({}, "America/New_York", "Sessions on this compute are in the time zone America/New_York"),
        ({"GYMHOUSE_LAKE": "var/lake"}, "UTC", "GYMHOUSE_LAKE is 'var/lake', which Databricks cannot read. Name a"),
    ],
)
def test_what_would_spoil_a_build_stops_it(variables, time_zone, sentence, tmp_path):
    done, sent = Workspace(tmp_path, CREDENTIALS | TOKEN | variables).record(*ONE_MODEL, time_zone=time_zone)
    assert done.returncode != 0
    assert sentence in said(done)
    assert [statement.words for statement in sent if "stg_club__locations" in statement.words] == []


def test_a_developer_builds_apart_from_the_same_lake(tmp_path):
    workspace = Workspace(tmp_path, CREDENTIALS | OAUTH)
    done, sent = workspace.record(*ONE_MODEL, "--vars", "{schema_prefix: ann_}", lake={LAKE: []})
    assert done.returncode == 0, done.stdout[-3000:]
    made = [statement.words for statement in sent if statement.words.startswith("create ")]
    assert {sql.split("`")[3] for sql in made} == {"ann_raw", "ann_restricted", "ann_bronze", "ann_slices"}
    assert sum(f"list '{LAKE}'" == statement.words for statement in sent) == 1
