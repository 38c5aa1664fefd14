"""Retention across the models: what was built stays, what comes too late is accounted for, nothing goes unasked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from built_home import BuiltHome
from drop_pieces import DropFile, drop_files
from late_files import first_device, write_csv, write_topic
from order_house import COUNTED_BY_FILE
from same_tables import assert_same
from schedules import FRESH, WHOLE, Build

from data_gen.chain.parameters import DAY, FIRST_UNKNOWN_DEVICE_ID, FIRST_USER_ID, Parameters
from data_gen.simulate import simulate
from data_gen.writing.defect_plan import DefectPlan
from ingest.contract import Retention

CHAIN = Parameters(
    members=160, days=5, start=date(2025, 3, 3), heart_rate=6_000, defects=DefectPlan.parse("heavy,late_row=0")
)
LAST = CHAIN.days - 1
# What landed on the first two days goes before the last day lands, and rejected rows of the third.
POLICY = Retention(raw_days=2, rejected_days=1)
RETIRABLE = ("access.gym_logins", "devices.workouts", "devices.bpm", "lifelog.daily")
FROZEN = [CHAIN.date_of(day) for day in (0, 1)]
LATE_FOR = FROZEN[-1]
# Silver that is made of retirable rows.
SILVER = {
    "gym_logins": "int_gym_logins_merged",
    "workout_events": "int_workout_events_deduplicated",
    "heart_rate": "int_heart_rate_deduplicated",
    "lifelog": "int_lifelog_deduplicated",
}
LATE = {"gym_logins": 2, "workout_events": 4, "heart_rate": 3, "lifelog": 1}
LOSE = Build((*FRESH.arguments, "--vars", "{lose_retired: true}"))
# These count and name rows of files.
TOLD_OF_FILES = (*COUNTED_BY_FILE, "gold.rejected_rows", "gold.quarantined_rows", "silver.int_rows_quarantined")


def landing(day: int, hours: int = 0) -> datetime:
    """When the files of a day land: at noon of the next."""
    start = datetime.combine(CHAIN.start, datetime.min.time())
    return start + timedelta(days=day + 1, hours=12 + hours)


def late_rows(folder: Path, drops: Path, number: int) -> dict[str, bytes]:
    """Files with `LATE` new rows for a day that is frozen by then, others for each `number`."""
    folder.mkdir()
    device = first_device(drops)
    at = CHAIN.begin + DAY + 1234 + number
    write_csv(folder / f"late_gym_logins_{number}.csv", [
        {"mac_address": device["mac_address"], "gym": gym, "login": at, "logout": at + 3600} for gym in (101, 102)
    ])  # fmt: skip
    write_csv(folder / f"late_lifelog_{number}.csv", [
        {"user_id": 1_000 + number, "date": LATE_FOR.isoformat(), "steps": 9_000}
    ])  # fmt: skip
    write_topic(folder / f"late_workout_{number}.json", "workout", [
        {"user_id": FIRST_USER_ID, "workout_id": 900 + number, "session_id": session,
         "timestamp": at + session * 2000 + after, "action": action}
        for session in (1, 2)
        for after, action in ((0, "start"), (1800, "stop"))
    ])  # fmt: skip
    write_topic(folder / f"late_bpm_{number}.json", "bpm", [
        {"device_id": int(device["device_id"]), "time": at + 7 * second, "heartrate": 100} for second in range(3)
    ])  # fmt: skip
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def lacking_a_device(folder: Path) -> dict[str, bytes]:
    """Readings of a device that nobody registered yet, for a day of which other rows will go before these."""
    at = CHAIN.begin + DAY
    write_topic(folder / "bpm.json", "bpm", [
        {"device_id": FIRST_UNKNOWN_DEVICE_ID + 900, "time": at + second, "heartrate": 80} for second in range(5)
    ])  # fmt: skip
    return {"bpm.json": (folder / "bpm.json").read_bytes()}


@dataclass(frozen=True)
class Played:
    """The home after all of it, and the warehouse as each step left it, by name."""

    house: BuiltHome
    left: dict[str, Path]

    def query(self, name: str, sql: str) -> list[tuple]:
        """Rows of the warehouse of that name."""
        with duckdb.connect(str(self.left[name]), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def assert_same(self, one: str, other: str, **left_out: tuple[str, ...]) -> None:
        """All tables but those that tell of files are the same."""
        tables = {table: () for table in self.house.tables if table not in TOLD_OF_FILES}
        assert_same(self.left[one], self.left[other], tables | left_out, (one, other))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A lake in which nothing was retired, and the same with retention after four days; rows that come too late."""
    root = tmp_path_factory.mktemp("retention")
    simulate(CHAIN, root / "chain")
    files = drop_files(root / "chain")
    house = BuiltHome(root)
    left: dict[str, Path] = {}

    def build(name: str, command: Build = WHOLE) -> None:
        house.must(command)
        left[name] = house.keep(root / f"{name}.duckdb")

    land_days(house, files, range(CHAIN.days))
    house.land(lacking_a_device(root), landing(LAST, hours=1))
    build("all of it")

    house.begin()
    land_days(house, files, range(LAST))
    house.land(lacking_a_device(root), landing(LAST - 1, hours=1))
    build("before")
    # Two kinds of too late: landed and not yet built when their day's rows go, and landed thereafter.
    house.land(late_rows(root / "not built", root / "chain", 1), landing(LAST - 1, hours=2))
    house.retire(dict.fromkeys(RETIRABLE, POLICY), landing(LAST))
    build("retired")
    house.land(late_rows(root / "afterwards", root / "chain", 2), landing(LAST, hours=1))
    land_days(house, files, range(LAST, CHAIN.days))
    build("later")
    return Played(house, left)


def land_days(house: BuiltHome, files: list[DropFile], days: range) -> None:
    """Land these days' files, day by day."""
    for day in days:
        house.land(contents(files, day), landing(day))


def contents(files: list[DropFile], day: int) -> dict[str, bytes]:
    """A day's files: content by name."""
    return {file.name: file.head + b"".join(file.rows) for file in files if file.day == day}


def test_retention_took_rows_of_these_days(played: Played):
    """Else all below would say little."""
    told = dict(played.query("retired", "select entity, retired_count from gold.row_reconciliation"))
    assert {entity for entity, count in told.items() if count} == {*SILVER}
    for model in SILVER.values():
        held = played.query("before", f"select slice from slices.{model} where input = ''")
        assert min(slice for (slice,) in held) <= LATE_FOR.isoformat() < max(slice for (slice,) in held), model


def test_a_build_after_retention_changes_nothing(played: Played):
    played.assert_same("before", "retired")


def test_frozen_days_stay_bit_by_bit(played: Played):
    """The fingerprints that the models keep of their own slices, of silver and of what is made of it."""
    days = ", ".join(f"'{day}'" for day in FROZEN)
    models = [name.partition(".")[2] for name in played.house.tables]
    sliced = [
        name
        for (name,) in played.query("before", "select table_name from duckdb_tables() where schema_name = 'slices'")
    ]
    for model in sorted({*models} & {*sliced}):
        kept = f"select slice, version from slices.{model} where input = '' and slice in ({days}) order by slice"
        assert played.query("before", kept) == played.query("later", kept), model


def test_days_that_come_build_as_if_nothing_had_gone(played: Played):
    """Late rows and retention aside, the tables are those of a lake that kept everything."""
    played.assert_same("later", "all of it")


@pytest.mark.parametrize(("name", "times"), [("retired", 1), ("later", 2)])
def test_what_comes_too_late_is_quarantined(played: Played, name: str, times: int):
    told = played.query(name, "select entity, count(*) from gold.quarantined_rows"
                        " where quarantine_rule = 'after_retention' group by all")  # fmt: skip
    assert dict(told) == {entity: count * times for entity, count in LATE.items()}


@pytest.mark.parametrize("name", ["before", "retired", "later"])
def test_every_row_is_accounted_for(played: Played, name: str):
    """To the last one, retired rows too, where the table's own test leaves room for what a rebuild would lose."""
    found = "silver_count + duplicate_count + quarantined_count"
    told = played.query(name, f"select entity, landed_count, {found}, is_balanced from gold.row_reconciliation")
    assert told
    for entity, landed, accounted, is_balanced in told:
        assert (landed, True) == (accounted, is_balanced), entity


def test_rejected_rows_are_counted_when_they_have_gone(played: Played):
    counted = "select source_name, table_name, count(*) from gold.rejected_rows group by all order by all"
    assert played.query("retired", counted) == played.query("before", counted)
    by_reason = dict(played.query("retired", "select reason, count(*) from gold.rejected_rows group by all"))
    assert by_reason.pop("retention took the row") > 0
    assert by_reason, "and of those that lie in the lake all is known"


def test_the_tests_of_a_build_pass(played: Played):
    played.house.must(Build(("test", "--select", "*_rows_*", "int_rows_quarantined", "models/marts/operations")))


def test_a_device_that_becomes_known_heals_no_frozen_day(played: Played, tmp_path: Path):
    """Of rows that are gone the quarantine tells as before; others of such a day are too late; the rest is healed."""
    house = played.house
    lacking = """
        select batch, batch_row, missing_id, retired_at is not null as is_gone from silver.int_rows_quarantined
        inner join raw.operations__batches using (source_name, table_name, batch)
        where entity = 'heart_rate' and missing_id is not null order by all
    """
    before = house.query(lacking)
    assert {is_gone for *_, is_gone in before} == {True, False}
    devices = sorted({device for _, _, device, _ in before})
    write_csv(tmp_path / "late_registered_devices.csv", [
        {**first_device(house.root / "chain"), "device_id": device, "mac_address": f"02:00:00:00:00:{number:02x}"}
        for number, device in enumerate(devices)
    ])  # fmt: skip
    house.land({file.name: file.read_bytes() for file in tmp_path.glob("*.csv")}, landing(LAST, hours=2))
    house.must(WHOLE)
    assert house.query(lacking) == [row for row in before if row[-1]]
    too_late = (
        "select count(*) from gold.quarantined_rows where entity = 'heart_rate' and quarantine_rule = 'after_retention'"
    )
    assert house.query(too_late) == [(2 * LATE["heart_rate"] + 5,)]
    played.left["healed"] = house.keep(tmp_path / "healed.duckdb")
    test_every_row_is_accounted_for(played, "healed")


def test_a_rebuild_of_everything_is_refused_and_costs_nothing(played: Played, tmp_path: Path):
    house, said = played.house, played.house.dbt.said
    before = house.keep(tmp_path / "before.duckdb")
    another_day = Build(("run", "--vars", f"as_of: {LATE_FOR}"))
    # The quarantine stops before it changes, and with it what waits for it.
    stopped = {"int_rows_quarantined", SILVER["lifelog"]}
    for build, models in ((FRESH, stopped | {SILVER["gym_logins"]}), (another_day, stopped)):
        begun = len(said.read_text())
        assert house.dbt(build) == 1
        told = said.read_text()[begun:]
        assert set(re.findall(r"(\w+) would be rebuilt as a whole", told)) == models
        assert "2 of its slices" in told
        assert "dbt build --full-refresh --vars '{lose_retired: true}'" in told
    house.must(WHOLE)
    assert_same(before, house.home.warehouse, dict.fromkeys(house.tables, ()), ("before it", "after it"))


def test_without_its_notes_a_model_is_not_rebuilt_either(played: Played, tmp_path: Path):
    house, model = played.house, SILVER["lifelog"]
    sound = house.keep(tmp_path / "sound.duckdb")
    with duckdb.connect(str(house.home.warehouse)) as connection:
        connection.execute(f"drop table slices.{model}")
    assert house.dbt(Build(("run", "--select", model))) == 1
    assert "2 batches that it read: they would be lost" in house.dbt.said.read_text()
    sound.replace(house.home.warehouse)


def test_what_is_lost_on_request_is_lost_everywhere(played: Played, tmp_path: Path):
    """Then the tables are those of a warehouse that never knew more than what lies in the lake."""
    house = played.house
    house.must(LOSE)
    left = house.keep(tmp_path / "left.duckdb")
    house.forget()
    house.must(WHOLE)
    names = ("after the loss", "built from what is left")
    assert_same(left, house.home.warehouse, dict.fromkeys(house.tables, ()), names)
    for entity, model in SILVER.items():
        count = f"select count(*) from silver.{model}"
        [(kept,)], [(had,)] = house.query(count), played.query("later", count)
        assert 0 < kept < had, entity
    assert not house.query("from gold.quarantined_rows where quarantine_rule = 'after_retention'")
