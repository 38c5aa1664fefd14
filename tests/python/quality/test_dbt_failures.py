"""Failed dbt tests, told with the keys of the rows that failed."""

import json

import pytest

from gymhouse.console import Problem
from quality.dbt_failures import dbt_failures


def test_a_good_build_has_none(tiny):
    assert dbt_failures(tiny.home) == []


def test_failed_tests_are_told_with_keys_but_no_names_of_people(failing_tiny):
    failures = {failure["name"]: failure for failure in dbt_failures(failing_tiny.home)}
    assert set(failures) == {"minutes_are_few", "nobody_is_called_ada"}
    few = failures["minutes_are_few"]
    assert (few["kind"], few["table"], few["status"]) == ("test", "gold.fct_visit", "fail")
    assert few["message"] == "Got 87 results, configured to fail if != 0"
    assert few["sample_keys"] == [{"minutes": float(n)} for n in range(3, 8)]
    assert failures["nobody_is_called_ada"]["sample_keys"] == []
    assert "Lovelace" not in json.dumps(failures)


def test_a_broken_model_is_told(tiny):
    (tiny.project / "models" / "fct_visit.sql").write_text("select 'Ada'::int as visit_id")
    assert tiny.dbt("build").returncode == 1
    (failure,) = dbt_failures(tiny.home)
    assert (failure["kind"], failure["table"], failure["status"]) == ("model", "gold.fct_visit", "error")
    assert failure["message"]
    assert "Ada" not in failure["message"]


def test_without_a_build_there_is_a_way_out(tiny):
    (tiny.home.target / "run_results.json").unlink()
    with pytest.raises(Problem, match=r"no run_results\.json") as raised:
        dbt_failures(tiny.home)
    assert "dbt build" in raised.value.fix
