"""The way through the house has one direction, and each model says what it is; every rule is shown to fail too."""

from __future__ import annotations

import copy

import project_rules as rules
import pytest

RULES = [
    rules.wrong_directions,
    rules.wrong_names,
    rules.undescribed,
    rules.untested_keys,
    rules.unproven_columns,
    rules.clock_readers,
    rules.leaks,
    rules.unaccounted_retention,
    rules.unit_tests_of_a_day,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(manifest, rule):
    broken = rule(manifest)
    assert not broken, "\n" + "\n".join(broken)


def plant(manifest: dict, model: str, /, **changes) -> dict:
    """The manifest with other values in one model."""
    planted = copy.deepcopy(manifest)
    planted["nodes"][f"model.gymhouse.{model}"].update(changes)
    return planted


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        ("stg_access__gym_logins", "model.gymhouse.int_gym_logins_judged"),
        ("int_gym_logins_judged", "model.gymhouse.dim_member"),
        ("int_gym_logins_judged", "source.gymhouse.access.gym_logins"),
        ("dim_member", "model.gymhouse.stg_access__gym_logins"),
        ("dim_member", "snapshot.gymhouse.member_profile_snapshot"),
    ],
)
def test_reading_the_wrong_layer_is_found(manifest, name, parent):
    broken = rules.wrong_directions(plant(manifest, name, depends_on={"nodes": [parent]}))
    assert len(broken) == 1
    assert name in broken[0]
    assert parent.split(".", 2)[2] in broken[0]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("stg_access__gym_logins", "stg_devices__gym_logins"),
        ("int_gym_logins_judged", "gym_logins_judged"),
        ("dim_member", "int_member"),
    ],
)
def test_wrong_name_is_found(manifest, name, wrong):
    assert len(rules.wrong_names(plant(manifest, name, name=wrong))) == 1


def test_missing_grain_is_found(manifest):
    assert len(rules.undescribed(plant(manifest, "dim_member", description="Members."))) == 1


def test_undescribed_column_is_found(manifest):
    planted = copy.deepcopy(manifest)
    columns = planted["nodes"]["model.gymhouse.dim_member"]["columns"]
    columns["member_key"]["description"] = " "
    assert [text for text in rules.undescribed(planted) if "dim_member.member_key" in text]


def test_missing_key_is_found(manifest):
    broken = rules.untested_keys(plant(manifest, "dim_member", config={"meta": {}}))
    assert len(broken) == 1
    assert "name the key of dim_member" in broken[0]


def test_key_without_test_is_found(manifest):
    planted = copy.deepcopy(manifest)
    tests = [name for name in planted["nodes"] if name.startswith("test.gymhouse.table_rules_dim_member_.")]
    for name in tests:
        del planted["nodes"][name]
    broken = rules.untested_keys(planted)
    assert len(broken) == len(tests) == 1
    assert "test the key of dim_member: data_tests: [table_rules]" in broken[0]


def test_column_rules_without_their_test_are_found(manifest):
    planted = copy.deepcopy(manifest)
    del planted["nodes"][_table_rules_of(planted, "fct_workout")]
    [broken] = rules.unproven_columns(planted)
    assert "fct_workout's columns tested: data_tests: [table_rules]" in broken


def test_a_column_rule_that_is_none_is_found(manifest):
    planted = copy.deepcopy(manifest)
    planted["nodes"]["model.gymhouse.fct_workout"]["columns"]["workout_key"]["config"]["meta"] = {"minimum": 0}
    [broken] = rules.unproven_columns(planted)
    assert "fct_workout.workout_key has a rule minimum, which is none. Rules: highest, lowest" in broken


def test_a_column_rule_as_a_test_of_its_own_is_found(manifest):
    planted = copy.deepcopy(manifest)
    test = planted["nodes"][_table_rules_of(planted, "fct_workout")]
    own = test | {"column_name": "gym_id", "test_metadata": test["test_metadata"] | {"name": "not_null"}}
    planted["nodes"]["test.gymhouse.not_null_fct_workout_gym_id"] = own
    [broken] = rules.unproven_columns(planted)
    assert "say not_null of fct_workout.gym_id as a rule of the column" in broken
    assert "config: {meta: {required: true}}" in broken


def _table_rules_of(manifest: dict, model: str) -> str:
    [test] = [name for name in manifest["nodes"] if name.startswith(f"test.gymhouse.table_rules_{model}_.")]
    return test


@pytest.mark.parametrize("call", ["current_date", "now()", "CURRENT_TIMESTAMP", "today ( )", "{{ run_started_at }}"])
def test_reading_the_clock_is_found(manifest, call):
    assert len(rules.clock_readers(plant(manifest, "dim_member", raw_code=f"select {call} as today"))) == 1


@pytest.mark.parametrize("text", ["-- not now()", "{# no current_date here #}", "known_now, current_date_key"])
def test_speaking_of_the_clock_is_fine(manifest, text):
    assert not rules.clock_readers(plant(manifest, "dim_member", raw_code=f"select 1 as one {text}"))


def test_personal_column_is_found(manifest):
    planted = copy.deepcopy(manifest)
    planted["nodes"]["model.gymhouse.dim_member"]["columns"]["last_name"] = {"name": "last_name", "description": "x"}
    broken = rules.leaks(planted)
    assert len(broken) == 1
    assert "dim_member.last_name" in broken[0]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"retired_by": "login_date"', '"dated_by": "login_date"'),
        ('"retired_by": "login_date"', '"retired_by": "logout_date"'),
        ('"source": "access"', '"source": "excess"'),
    ],
)
def test_retention_that_no_entity_covers_is_found(manifest, right, wrong):
    planted = copy.deepcopy(manifest)
    macro = planted["macros"]["macro.gymhouse.quarantined_entities"]
    assert right in macro["macro_sql"]
    macro["macro_sql"] = macro["macro_sql"].replace(right, wrong)
    [broken] = rules.unaccounted_retention(planted)
    assert "access.gym_logins is retirable" in broken
    assert "macros/rules/quarantined_entities.sql" in broken


def test_a_source_that_may_be_retired_and_has_no_entity_is_found(manifest):
    planted = copy.deepcopy(manifest)
    planted["sources"]["source.gymhouse.operations.runs"]["config"]["meta"]["retirable"] = True
    [broken] = rules.unaccounted_retention(planted)
    assert "operations.runs is retirable" in broken


@pytest.mark.parametrize(
    ("test", "model"),
    [
        ("int_as_of.today_is_the_newest_business_date", "int_as_of"),
        # Through a macro.
        ("fct_workout.a_workout_falls_on_the_day_of_its_gym", "fct_workout"),
    ],
)
def test_a_unit_test_for_any_day_is_found(manifest, test, model):
    planted = copy.deepcopy(manifest)
    planted["unit_tests"][f"unit_test.gymhouse.{test}"]["overrides"] = None
    [broken] = rules.unit_tests_of_a_day(planted)
    assert f"tests {model}, which reads the variable as_of" in broken
