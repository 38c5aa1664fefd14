"""How a contract is completed from what dbt knows and what people decided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gymhouse.artifacts import Column, Table, load_build, tables_of
from gymhouse.console import Problem
from quality.contracts import MIN_SHARE_OF_LIVE, Decided, complete, count_checks, read_decided


def table(**changed) -> Table:
    columns = (Column("visit_id", "bigint"), Column("amount", "decimal(18,2)"), Column("tags", "varchar[]"))
    made = {
        "unique_id": "model.tiny.fct_visit",
        "schema": "gold",
        "name": "fct_visit",
        "columns": columns,
        "key": ("visit_id",),
        "enforced": True,
        "described": True,
        "personal": frozenset(),
    }
    return Table(**(made | changed))


def checks_of(contract: dict, kind: str) -> list[dict]:
    return [check[kind] for check in contract["checks"] if kind in check]


def test_columns_and_types_come_from_dbt():
    contract = complete(table(), None, None)
    assert contract["dataset"] == "gymhouse/gold/fct_visit"
    types = {column["name"]: column["data_type"] for column in contract["columns"]}
    assert types == {"visit_id": "bigint", "amount": "decimal(18,2)", "tags": "varchar[]"}


def test_a_key_that_the_build_proves_is_not_asked_for_again():
    asked, left = (complete(table(proven_by_build=proven), None, None) for proven in (False, True))
    assert [check["qualifier"] for check in checks_of(asked, "failed_rows")] == ["key"]
    assert checks_of(left, "failed_rows") == []
    assert count_checks(asked) - count_checks(left) == 2
    assert [len(checks_of(left, kind)) for kind in ("schema", "row_count")] == [1, 1]


@pytest.mark.parametrize(
    ("test", "arguments", "meta", "proven"),
    [
        ("table_rules", {}, {}, False),
        ("table_rules", {"numbered_by": "visit_id"}, {}, True),
        ("table_rules", {}, {"test_new_slices": True}, True),
        ("rows_of", {"to": "ref('visits')"}, {}, True),
        ("not_null", {}, {}, False),
    ],
)
def test_which_keys_the_build_proves_is_what_their_tests_say(test, arguments, meta, proven):
    config = {"materialized": "view", "meta": {"key": "visit_id"} | meta}
    model = {"resource_type": "model", "schema": "bronze", "alias": "stg_visits", "columns": {}, "config": config}
    tested = {"resource_type": "test", "attached_node": "model.tiny.stg_visits", "columns": {}}
    tested |= {"test_metadata": {"name": test, "kwargs": {"model": "stg_visits"} | arguments}}
    (found,) = tables_of({"nodes": {"model.tiny.stg_visits": model, "test.tiny.key": tested}, "sources": {}})
    assert found.proven_by_build == proven


def test_an_unknown_type_is_named():
    with pytest.raises(Problem, match=r"gold\.fct_visit declares visit_id as bigintt"):
        complete(table(columns=(Column("visit_id", "bigintt"),)), None, None)


def test_only_a_whole_description_forbids_further_columns():
    (strict,) = checks_of(complete(table(), None, None), "schema")
    (loose,) = checks_of(complete(table(enforced=False, described=False), None, None), "schema")
    assert "allow_extra_columns" not in strict
    assert loose["allow_extra_columns"]
    assert loose["allow_other_column_order"]


@given(
    live=st.integers(0, 10**12),
    now=st.integers(0, 10**12),
    share=st.floats(0, 1, allow_nan=False),
)
def test_a_table_may_shrink_to_its_share_and_no_further(live, now, share):
    contract = complete(table(), Decided(None, min_share_of_live=share), live)
    (rows,) = checks_of(contract, "row_count")
    least = rows["threshold"]["must_be_greater_than_or_equal"]
    assert (now >= least) == (now >= share * live)


@pytest.mark.parametrize(("live", "least"), [(None, 0), (0, 0), (1, 1), (10, 5), (11, 6)])
def test_half_of_the_live_rows_must_be_there_by_default(live, least):
    (rows,) = checks_of(complete(table(), None, live), "row_count")
    assert MIN_SHARE_OF_LIVE == 0.5
    assert rows["threshold"]["must_be_greater_than_or_equal"] == least


def test_an_accepted_drop_lifts_the_limit():
    (rows,) = checks_of(complete(table(), None, 100, accept_volume_drop=True), "row_count")
    assert rows["threshold"]["must_be_greater_than_or_equal"] == 0


def test_a_decided_check_replaces_the_derived_one_of_its_kind_and_no_other():
    decided = Decided(
        None,
        checks=[{"schema": {"allow_extra_columns": True}}, {"row_count": {"threshold": {"must_be": 5}}}],
        columns={"visit_id": {"checks": [{"missing": {"threshold": {"must_be_less_than": 3}}}]}},
    )
    contract = complete(table(), decided, None)
    assert checks_of(contract, "schema") == [{"allow_extra_columns": True}]
    assert len(checks_of(contract, "row_count")) == 2
    assert contract["columns"][0]["checks"] == [{"missing": {"threshold": {"must_be_less_than": 3}}}]
    assert count_checks(contract) == 5


BAD = {
    "gold/no_such.yml": ("checks: []", "which dbt does not build"),
    "gold/fct_visit.yml": ("dataset: other", "has dataset"),
    "gold/visits_daily.yml": ("columns: [{name: nobody}]", "column nobody"),
    "gold/empty_report.yml": ("columns: [{name: minutes, data_type: int}]", "gives a type"),
    "bronze/stg_visits.yml": ("min_share_of_live: 2", "min_share_of_live: 2"),
    "restricted/int_people.yml": ("checks: [", "not readable YAML"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_file_is_named_with_what_to_do(tiny, tmp_path, name):
    text, what = BAD[name]
    path = tmp_path / "decided" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(Problem, match=what) as raised:
        read_decided(load_build(tiny.home).tables, tmp_path / "decided")
    assert name in raised.value.what
    assert raised.value.fix
