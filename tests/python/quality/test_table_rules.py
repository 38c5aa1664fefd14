"""A table's key and what its columns say of their values are proven by one test, on a project of one table."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from houses import House, make_house

from gymhouse.home import PROJECT

FILES = {
    "dbt_project.yml": "{name: one, config-version: 2, profile: one}",
    "profiles.yml": """
one:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "{{ env_var('GYMHOUSE_HOME') }}/warehouse/gymhouse.duckdb", threads: 1}
""",
    "models/visits.sql": """
select *
from (
    values
        (1, 'member', 0.0, 'Ada'),
        (2, 'guest', 1.0, 'Ada'),
        (3, null, null, 'Ada'),
        (4, 'ghost', 0.5, 'Ada'),
        (5, 'guest', -0.5, 'Ada'),
        (6, 'member', 1.5, 'Grace'),
        (7, 'guest', 0.5, 'Ada'),
        (7, 'guest', 0.5, 'Ada')
) as rows(visit_id, kind, share, first_name)
""",
    "models/visits.yml": """
models:
  - name: visits
    config: {meta: {key: [visit_id]}}
    data_tests: [table_rules]
    columns:
      - {name: visit_id, config: {meta: {required: true, lowest: 1}}}
      - {name: kind, config: {meta: {required: true, values: [member, guest]}}}
      - {name: share, config: {meta: {lowest: 0, highest: 1}}}
      - {name: first_name, config: {tags: [pii], meta: {values: [Ada]}}}
""",
}
OURS = ("tests/generic/table_rules.sql", "macros/tests/tested_node.sql", "macros/tests/broken_column_rules.sql")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    root = tmp_path_factory.mktemp("table_rules")
    for name, text in FILES.items():
        (root / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "project" / name).write_text(text)
    for name in OURS:
        (root / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, root / "project" / name)
    return House(make_house(root / "home").home, root / "project")


def test_each_broken_rule_is_told_and_no_name_of_a_person(house: House):
    done = house.dbt("build", "--store-failures", expect=1, DBT_PROFILES_DIR=str(house.project))
    assert "Got 5 results" in done.stdout
    assert house.query(
        "select visit_id, broken_rules from main_dbt_test__audit.table_rules_visits_ order by visit_id"
    ) == [
        (3, "kind is empty"),
        (4, "kind ghost is no listed value"),
        (5, "share -0.5 is below 0"),
        (6, "share 1.5 is above 1, first_name  is no listed value"),
        (7, "the key is not whole, or more than one row has it"),
    ]


def test_a_table_without_a_key_says_what_to_do(house: House, tmp_path: Path):
    bare = House(house.home, Path(shutil.copytree(house.project, tmp_path / "project")))
    (bare.project / "models" / "visits.yml").write_text("models: [{name: visits, data_tests: [table_rules]}]")
    done = bare.dbt("build", expect=1, DBT_PROFILES_DIR=str(bare.project))
    assert "names no key: give it config: {meta: {key: [column, …]}}" in done.stdout
