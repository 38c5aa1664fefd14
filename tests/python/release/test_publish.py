"""What a release holds, when there is none, and that equal data gives equal bytes."""

import hashlib
import json
import signal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gymhouse.artifacts import Column, Table
from gymhouse.console import Problem
from gymhouse.home import DUCKDB
from quality.gate import save_verdict
from release.copy import copy_table
from release.current import live_id, open_release, releases
from release.publish import publish
from warehouse.on_duckdb import DuckDBWarehouse

ONE_MORE = "insert into gold.fct_visit values ({0}, 1, 10, date '2026-01-01')"


def content(home) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in home.releases.rglob("*.parquet")}


def test_a_release_holds_gold_and_says_what_it_holds(tiny, released):
    result = released()
    release = open_release(tiny.home)
    assert release.id == result["release_id"] == tiny.home.current.read_text().strip()
    assert sorted(path.name for path in release.folder.rglob("*") if path.is_file()) == [
        "empty_report.parquet",
        "fct_visit.parquet",
        "manifest.json",
        "visits_daily.parquet",
    ]
    results = json.loads((tiny.home.target / "run_results.json").read_text())
    assert release.manifest["dbt"] == {
        "invocation_id": results["metadata"]["invocation_id"],
        "version": results["metadata"]["dbt_version"],
    }
    assert release.manifest["gate"]["passed"]
    assert release.manifest["gate"]["rows"]["bronze.stg_visits"] == 100
    assert release.tables["gold.visits_daily"]["columns"] == [
        {"name": "visit_date", "type": "DATE"},
        {"name": "member_id", "type": "BIGINT"},
        {"name": "visit_count", "type": "BIGINT"},
        {"name": "minutes_in_gym", "type": "DECIMAL(18,2)"},
    ]
    for table in release.manifest["tables"]:
        path = release.table_path(table["name"])
        assert hashlib.sha256(path.read_bytes()).hexdigest() == table["sha256"]
        assert path.stat().st_size == table["bytes"]
        found = duckdb.sql(f"select * from '{path}'")
        assert found.columns == [column["name"] for column in table["columns"]]
        assert [str(kind) for kind in found.types] == [column["type"] for column in table["columns"]]
        assert len(found.fetchall()) == table["rows"]
    with duckdb.connect(str(tiny.home.warehouse), read_only=True) as warehouse:
        built = warehouse.execute("select * from gold.fct_visit order by visit_id").fetchall()
    assert duckdb.sql(f"select * from '{release.table_path('fct_visit')}'").fetchall() == built
    with pytest.raises(Problem, match=r"no table gold\.int_people"):
        release.table_path("int_people")


def test_the_same_data_again_publishes_nothing(tiny, released):
    first = released()
    again = released()
    assert again["unchanged"]
    assert again["release_id"] == first["release_id"]
    assert [release.id for release in releases(tiny.home)] == [first["release_id"]]
    assert not any(each["changed"] for each in again["changed"])
    assert sorted(path.name for path in tiny.home.releases.iterdir()) == [".lock", first["release_id"], "CURRENT"]


def test_a_change_is_told_and_unchanged_tables_lie_on_disk_once(tiny, released):
    first = open_release(tiny.home) if released() else None
    second_result = released(ONE_MORE.format(1000))
    second = open_release(tiny.home)
    assert second.id > first.id
    changed = {
        each["table"]: (each["rows_before"], each["rows_after"], each["changed"]) for each in second_result["changed"]
    }
    assert changed == {
        "gold.empty_report": (0, 0, False),
        "gold.fct_visit": (100, 101, True),
        "gold.visits_daily": (10, 10, False),
    }
    assert first.table_path("visits_daily").samefile(second.table_path("visits_daily"))
    assert not first.table_path("fct_visit").samefile(second.table_path("fct_visit"))


def test_a_table_that_rides_along_is_no_reason_for_a_release(tiny, released):
    first = released()
    again = released("insert into gold.empty_report values (1, 2.0)")
    assert again["unchanged"]
    assert again["release_id"] == first["release_id"]
    with_another = released(ONE_MORE.format(1000))
    assert not with_another["unchanged"]
    assert open_release(tiny.home).tables["gold.empty_report"]["rows"] == 1


def test_a_damaged_live_file_is_neither_shared_nor_taken_for_unchanged(tiny, released):
    first = open_release(tiny.home) if released() else None
    path = first.table_path("visits_daily")
    path.chmod(0o644)
    spoiled = bytearray(path.read_bytes())
    spoiled[20] ^= 1
    path.write_bytes(spoiled)
    assert not released()["unchanged"]
    mended = open_release(tiny.home)
    assert (
        hashlib.sha256(mended.table_path("visits_daily").read_bytes()).hexdigest()
        == first.tables["gold.visits_daily"]["sha256"]
    )


def test_rows_in_another_order_give_the_same_bytes(tiny, released):
    released()
    before = content(tiny.home)
    result = released(
        "create or replace table gold.fct_visit as select * from gold.fct_visit order by hash(visit_id);"
        "create or replace table gold.visits_daily as select * from gold.visits_daily order by member_id desc"
    )
    assert result["unchanged"]
    assert content(tiny.home) == before


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), threads=st.integers(1, 4))
def test_a_large_table_has_the_same_bytes_for_any_order_and_threads(tmp_path, seed, threads):
    columns = tuple(Column(name, None) for name in ("a", "b", "share", "name"))
    table = Table("model.x", "main", "big", columns, ("a", "b"), True, True, frozenset())
    entries = []
    for workers, order in ((1, "a, b"), (threads, f"hash(a, b, {seed})")):
        with duckdb.connect(config={"threads": workers}) as connection:
            connection.execute(
                "create table big as select range // 1000 as a, range % 1000 as b, range / 7 as share, "
                f"'member ' || (range % 91) as name from range(300000) order by {order}"
            )
            entries.append(
                copy_table(DuckDBWarehouse(connection), tmp_path / f"{seed}-{threads}-{len(entries)}", table)
            )
    assert entries[0] == entries[1]


def refused(tiny, match: str) -> Problem:
    before = live_id(tiny.home)
    with pytest.raises(Problem, match=match) as raised:
        publish(tiny.home, tiny.home.verdict_of(DUCKDB))
    assert live_id(tiny.home) == before
    assert raised.value.fix
    return raised.value


def retold(tiny, **changed) -> None:
    """Judge, then put other facts into the verdict."""
    save_verdict(tiny.gate() | changed, tiny.home.verdict_of(DUCKDB))


def test_a_failed_gate_leaves_the_former_release_live(tiny, released):
    former = released()
    tiny.change("insert into gold.fct_visit select * from gold.fct_visit where visit_id = 3")
    tiny.gate()
    problem = refused(tiny, "The gate did not pass: 1 checks failed on gold.fct_visit")
    assert "python -m quality gate" in problem.fix
    assert live_id(tiny.home) == former["release_id"]


def test_a_drop_in_volume_is_stopped_unless_it_is_wanted(tiny, released):
    former = released()
    tiny.change("delete from gold.fct_visit where visit_id >= 49")
    tiny.gate()
    verdict = json.loads(tiny.home.verdict_of(DUCKDB).read_text())
    (failure,) = verdict["failures"]
    assert (failure["table"], failure["check"]) == ("gold.fct_visit", "rows against the live release")
    assert failure["message"] == "rows: 49, must be at least 50"
    refused(tiny, "did not pass")
    assert released()["release_id"] > former["release_id"]
    assert open_release(tiny.home).tables["gold.fct_visit"]["rows"] == 49


def test_a_drop_below_gold_is_noticed_too(tiny, released):
    released()
    tiny.change("delete from restricted.int_people where member_id > 2")
    tiny.gate()
    (failure,) = json.loads(tiny.home.verdict_of(DUCKDB).read_text())["failures"]
    assert failure["table"] == "restricted.int_people"


def test_without_a_verdict(tiny):
    refused(tiny, "no verdict of the gate")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"passed": true}', "null"])
def test_with_something_that_is_no_verdict(tiny, text):
    tiny.home.verdict_of(DUCKDB).parent.mkdir()
    tiny.home.verdict_of(DUCKDB).write_text(text)
    refused(tiny, "is not a verdict of the gate")


def test_a_gate_of_some_tables(tiny):
    tiny.gate(only=["fct_visit"])
    refused(tiny, "some tables only")


def test_a_gate_of_another_build(tiny):
    retold(tiny, invocation_id="another")
    refused(tiny, "judged another build")


def test_a_warehouse_that_changed_after_the_gate(tiny):
    tiny.gate()
    tiny.change(ONE_MORE.format(1000))
    refused(tiny, "was changed since the gate")


def test_a_build_of_some_models_only(tiny):
    assert tiny.dbt("build", "--select", "fct_visit").returncode == 0
    tiny.gate()
    refused(tiny, r"`dbt build` left 4 models or tests unbuilt or failed: model\.tiny\.")


def test_a_build_with_a_failed_test_even_if_the_gate_were_content(failing_tiny):
    retold(failing_tiny, passed=True, failures=[])
    problem = refused(failing_tiny, "unbuilt or failed")
    assert "python -m quality failures" in problem.fix


def test_a_failed_test_is_not_forgotten_when_documents_are_made(tiny):
    assert tiny.dbt("build", TINY_FAILS="yes").returncode == 1
    assert tiny.dbt("docs", "generate", TINY_FAILS="yes").returncode == 0
    with pytest.raises(Problem, match="neither builds nor tests"):
        tiny.gate()
    refused(tiny, "neither builds nor tests")


def test_gold_with_a_column_of_personal_data(tiny):
    models = tiny.project / "models" / "models.yml"
    models.write_text(
        models.read_text().replace(
            "{name: member_id, data_type: bigint}", "{name: member_id, data_type: bigint, config: {tags: [pii]}}", 2
        )
    )
    assert tiny.dbt("build").returncode == 0
    tiny.gate()
    refused(tiny, r"gold\.\w+ holds personal data: member_id")


def test_without_a_warehouse(tiny):
    tiny.gate()
    tiny.home.warehouse.unlink()
    refused(tiny, "was changed since the gate")


def test_a_full_disk_is_told_and_leaves_the_former_release_live(tiny, released):
    resource = pytest.importorskip("resource")
    former = released()
    tiny.change("insert into gold.fct_visit select range, 1, random(), date '2026-01-01' from range(1000, 300000)")
    tiny.gate()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
        problem = refused(tiny, r"gold\.fct_visit could not be copied")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert "disk" in problem.fix
    assert live_id(tiny.home) == former["release_id"]
    assert open_release(tiny.home).tables["gold.fct_visit"]["rows"] == 100
    assert released()["changed"]
