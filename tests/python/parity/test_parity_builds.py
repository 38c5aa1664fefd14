"""The whole project on both engines: simulated chain, both samples and odd corners, a second day, planted differences.

The second day brings what the first one lacked (gyms, owners of devices) beside what is new. Built whole on the first
day, each engine must find the slices that this touches, and what is compared was built in two steps. Since Spark takes
minutes for a step, that is for `make test-full`; otherwise only the snapshot is built on the first day, which would
have no history without.

The tests build on one another, in the order in which they stand: a home on two engines is too dear to make often.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from corners import GONE, MOVED, write_corners
from deltalake import DeltaTable
from houses import SAMPLES, House

from gymhouse.artifacts import Table, load_build, tables_of
from gymhouse.home import ENGINES
from pipeline.dbt import NO_TESTS
from pipeline.parity.run import spark_folder
from pipeline.parity.tables import KINDS

SECOND_DAY = Path(__file__).parents[1] / "end_to_end" / "second_day"
SNAPSHOT = "restricted.member_profile_snapshot"


THE_SNAPSHOT = ("--select", "+member_profile_snapshot")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(THE_SNAPSHOT, id="at once"),
        pytest.param((), id="in two steps", marks=pytest.mark.full),
    ],
)
def steps(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """What of the first day is built before the second one comes."""
    return request.param


def land(house: House, *drops: Path) -> None:
    for folder in drops:
        house.run("ingest", "files", "--drops", str(folder))


@pytest.fixture(scope="module")
def chain(module_spark_house: House, lean_spark: None) -> tuple[Path, Path]:
    """A chain in two parts: its first days, and the others with gyms and first registrations, which come too late."""
    early = module_spark_house.home.drops
    module_spark_house.run("data_gen", "--members", "40", "--days", "7", "--out", str(early))
    files = sorted(path for path in early.glob("*/*_*.*"))
    days = sorted({path.stem.rpartition("_")[2] for path in files})
    needed = {f"registered_users_{days[0]}.csv", f"locations_{days[0]}.csv"}
    late = early.parent / "late_drops"
    late.mkdir()
    for path in files:
        if path.name in needed or path.stem.endswith(tuple(days[4:])):
            path.rename(late / path.name)
    return early, late


@pytest.fixture(scope="module")
def first_day(module_spark_house: House, chain: tuple[Path, Path], steps: tuple[str, ...]) -> House:
    """The chain's first days and the wearable vendor's first day, built on both engines: whole, or a part of it."""
    house = module_spark_house
    land(house, chain[0], SAMPLES / "sbit")
    for engine in ENGINES:
        house.run("pipeline", "build", "--engine", engine, *NO_TESTS, "--quiet", *steps)
    return house


@pytest.fixture(scope="module")
def second_day(
    first_day: House, chain: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[House, dict]:
    """All that there is, built on both engines upon the first day; with what the comparison told."""
    result = tmp_path_factory.mktemp("parity") / "parity.json"
    corners = write_corners(tmp_path_factory.mktemp("drops") / "corners")
    land(first_day, chain[1], SECOND_DAY, SAMPLES / "fitness_tracker", corners)
    done = first_day.run("pipeline", "parity", "--json", str(result), expect=None)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return first_day, json.loads(result.read_text()) | {"said": done.stdout}


def before(name: str, nodes: dict[str, dict]) -> set[str]:
    """All that a node reads, directly or not."""
    read = [each for each in nodes[name]["depends_on"]["nodes"] if each in nodes]
    return {*read}.union(*(before(each, nodes) for each in read))


def table(house: House, name: str) -> Table:
    return next(each for each in load_build(house.home).tables if each.id == name)


def test_every_table_is_the_same_on_both_engines(second_day: tuple[House, dict]):
    house, told = second_day
    assert told["equal"], told["said"]
    assert "duckdb and spark hold the same rows." in told["said"]
    compared = {each["table"]: each for each in told["tables"]}
    assert set(compared) == {each.id for each in tables_of(load_build(house.home).manifest, KINDS)}
    assert not [each["table"] for each in told["tables"] if each["notes"]]
    # Nothing is equal for being empty.
    assert {name for name, each in compared.items() if not each["rows"]["duckdb"]} <= {"bronze.stg_operations__rejects"}


def test_neither_engine_built_a_sliced_table_whole(second_day: tuple[House, dict], steps: tuple[str, ...]):
    """Of those that it had built on the first day; otherwise the comparison would say nothing of slices."""
    for engine in ENGINES:
        build = load_build(second_day[0].home, engine)
        nodes = build.manifest["nodes"]
        built = before("snapshot.gymhouse.member_profile_snapshot", nodes) if steps == THE_SNAPSHOT else {*nodes}
        sliced = [
            build.results[name]["message"] for name in built if nodes[name]["config"].get("materialized") == "sliced"
        ]
        assert len(sliced) > (0 if steps == THE_SNAPSHOT else 10)
        assert all(re.fullmatch(r"REBUILT \d+ slices", message) for message in sliced), (engine, sliced)


@pytest.mark.full
def test_the_gate_gives_the_same_verdict_on_both_engines(second_day: tuple[House, dict], tmp_path: Path):
    house, _ = second_day
    verdicts = []
    for engine in ENGINES:
        told = tmp_path / f"{engine}.json"
        house.run("quality", "gate", "--engine", engine, "--json", str(told), expect=None)
        verdicts.append(json.loads(told.read_text()))
    of_build = {"engine", "invocation_id", "warehouse", "seconds"}
    one, other = ({name: verdict[name] for name in verdict.keys() - of_build} for verdict in verdicts)
    assert one == other
    assert one["tables"] == len(load_build(house.home).tables)
    assert one["checks_not_evaluated"] == 0


def test_the_snapshot_has_closed_versions_and_deleted_members(second_day: tuple[House, dict]):
    """Otherwise its comparison would say little."""
    versions = second_day[0].query(
        "select member_id, count(*), count(*) filter (where dbt_valid_to is null), bool_or(is_deleted)"
        f" from {SNAPSHOT} group by member_id having count(*) > 1"
    )
    assert {(MOVED, 2, 1, False), (GONE, 2, 1, True)} <= set(versions)


def test_a_changed_value_is_named_with_table_key_column_and_both_values(second_day: tuple[House, dict]):
    house, _ = second_day
    workouts = table(house, "gold.fct_workout")
    key, minutes = house.query(
        "select workout_key, minutes_exercising from gold.fct_workout where minutes_exercising > 0 order by 1 limit 1"
    )[0]
    DeltaTable(spark_folder(house.home, workouts)).update(
        updates={"minutes_exercising": "minutes_exercising + 0.5"}, predicate=f"workout_key = '{key}'"
    )
    done = house.run("pipeline", "parity", "--no-build", "--table", "gold.fct_workout", expect=1)
    assert "✗ gold.fct_workout" in done.stdout
    assert "minutes_exercising differs in 1 rows:" in done.stdout
    assert f'workout_key="{key}": duckdb {minutes}, spark {minutes + 0.5}' in done.stdout
    assert "differ in 1 of 1 tables" in done.stdout


def test_a_lost_row_is_named(second_day: tuple[House, dict]):
    house, _ = second_day
    DeltaTable(spark_folder(house.home, table(house, "gold.dim_location"))).delete("gym_id = 903")
    done = house.run("pipeline", "parity", "--no-build", "--table", "gold.dim_location", expect=1)
    assert "1 rows are on duckdb only:" in done.stdout


def test_personal_values_stay_hidden(second_day: tuple[House, dict]):
    house, _ = second_day
    members = table(house, "restricted.member_identity")
    names = {
        name for row in house.query("select first_name, last_name from restricted.member_identity") for name in row
    }
    DeltaTable(spark_folder(house.home, members)).update(updates={"first_name": "'Planted'"})
    done = house.run("pipeline", "parity", "--no-build", "--table", members.id, expect=1)
    assert "first_name differs in" in done.stdout
    assert "duckdb …, spark …" in done.stdout
    assert not {name for name in {*names, "Planted"} if name and f'"{name}"' in done.stdout}


def test_a_snapshot_version_left_open_is_named(second_day: tuple[House, dict]):
    house, _ = second_day
    DeltaTable(spark_folder(house.home, table(house, SNAPSHOT))).update(
        updates={"dbt_valid_to": "NULL"}, predicate=f"member_id = {MOVED}"
    )
    done = house.run("pipeline", "parity", "--no-build", "--table", SNAPSHOT, expect=1)
    assert f"member_id={MOVED}, version=1: duckdb false, spark true" in done.stdout


def test_a_table_that_is_gone_is_named(second_day: tuple[House, dict]):
    house, _ = second_day
    shutil.rmtree(spark_folder(house.home, table(house, "gold.dim_activity")))
    done = house.run("pipeline", "parity", "--no-build", "--table", "gold.dim_activity", expect=1)
    assert "there is no such table on spark" in done.stdout


def test_an_unknown_table_is_refused(second_day: tuple[House, dict]):
    done = second_day[0].run("pipeline", "parity", "--no-build", "--table", "gold.nonsense", expect=2)
    assert "There is no table gold.nonsense in the project." in done.stderr


def test_builds_of_another_lake_are_not_compared(second_day: tuple[House, dict], tmp_path: Path):
    house, _ = second_day
    (tmp_path / "late_gym_logins.csv").write_text("mac_address,gym,login,logout\n00:00:00:00:00:01,1,1741503599,\n")
    land(house, tmp_path)
    done = house.run("pipeline", "parity", "--no-build", "--table", "gold.dim_date", expect=2)
    assert "after duckdb was built" in done.stderr
    assert "leave out --no-build" in done.stderr


def test_without_builds_there_is_nothing_to_compare(house: House):
    done = house.run("pipeline", "parity", "--no-build", expect=2)
    assert "no build has left its results there" in done.stderr
