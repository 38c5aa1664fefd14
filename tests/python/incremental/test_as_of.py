"""Builds as of a day in the past: the tables as they stood, by the date on which things happened."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from built_home import BuiltHome
from drop_pieces import DropFile, drop_files
from known_by import Dates, known_by
from late_files import write_late_files
from same_tables import assert_same
from schedules import FRESH, WHOLE, Build

from data_gen.chain.parameters import Parameters
from data_gen.simulate import simulate
from data_gen.writing.defect_plan import DefectPlan

CHAIN = Parameters(members=160, days=8, start=date(2025, 3, 5), heart_rate=6_000, defects=DefectPlan.parse("heavy"))
DAYS = [CHAIN.date_of(day) for day in (5, 2)]
# Each costs two or three builds: one day for every change, the other for `make test-full`.
ONE_DAY = [DAYS[0], pytest.param(DAYS[1], marks=pytest.mark.full)]
# What landed is no matter of days: these count and name rows of files.
TOLD_OF_FILES = {
    "gold.row_reconciliation",
    "gold.quarantined_rows",
    "gold.rejected_rows",
    "gold.pipeline_run",
    "gold.source_freshness",
}
# Only a build that is told its day knows it; one of an old lake takes the newest date that it finds. What counts until
# that date is compared when the day is told, but for tables with a column or two of it.
TODAY = "model.gymhouse.int_as_of"
TOLD_BY_TODAY = {
    "gold.dim_date": ("is_past",),
    "gold.dim_member": ("age_band",),
    "restricted.member_identity": ("age_band",),
}
# The newest stay may last past the midnight that ends the newest date.
OVER_MIDNIGHT = "gold.occupancy_by_hour"


def as_of(day: date, *more: str) -> Build:
    """A build for that day."""
    return Build(("run", "--vars", f"as_of: {day}", *more))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[DropFile]:
    """All that the chain dropped, and what reaches into its past."""
    root = tmp_path_factory.mktemp("chain")
    simulate(CHAIN, root / "chain")
    return drop_files(root / "chain", write_late_files(root / "late", CHAIN, root / "chain"))


@pytest.fixture(scope="module")
def in_turn(files: list[DropFile], tmp_path_factory: pytest.TempPathFactory) -> tuple[BuiltHome, dict[str, Path]]:
    """A home of the whole lake, built for today, for each of the days in turn, and for today again; what each left."""
    root = tmp_path_factory.mktemp("whole")
    house = BuiltHome(root)
    house.land_whole(files)
    left = {}
    for name, build in [("first", WHOLE), *((day.isoformat(), as_of(day)) for day in DAYS), ("again", WHOLE)]:
        house.must(build)
        left[name] = house.keep(root / f"{name}.duckdb")
    return house, left


def told_by_day(house: BuiltHome) -> list[str]:
    """The tables of the marts, but for those of files. Silver keeps what the marts leave aside."""
    return [name for name in house.marts if name not in TOLD_OF_FILES]


def test_today_is_as_before(in_turn: tuple[BuiltHome, dict[str, Path]]):
    house, left = in_turn
    assert_same(left["first"], left["again"], dict.fromkeys(house.tables, ()), ("before", "after"))


def told_without_today(house: BuiltHome) -> list[str]:
    """Those of them that are the same whatever date is the newest, but for the columns of `TOLD_BY_TODAY`."""
    manifest = house.dbt.manifest()
    reading, found = {TODAY}, [TODAY]
    while found:
        found = [one for one in manifest.child_map[found.pop()] if one not in reading and not reading.add(one)] + found
    counting = {f"{node.schema}.{node.name}" for name in reading if (node := manifest.nodes.get(name))}
    return [name for name in told_by_day(house) if name in TOLD_BY_TODAY or name not in {*counting, OVER_MIDNIGHT}]


@pytest.mark.parametrize("day", ONE_DAY, ids=str)
def test_no_day_leaves_a_trace_in_the_next(in_turn: tuple[BuiltHome, dict[str, Path]], day: date):
    """Every table, silver too, is that of a build from nothing for that day."""
    house, left = in_turn
    house.must(as_of(day, "--full-refresh"))
    names = ("built in turn", "built from nothing")
    assert_same(left[day.isoformat()], house.home.warehouse, dict.fromkeys(house.tables, ()), names)


@pytest.mark.parametrize("day", ONE_DAY, ids=str)
def test_the_tables_are_those_of_the_day(
    in_turn: tuple[BuiltHome, dict[str, Path]], files: list[DropFile], day: date, tmp_path: Path
):
    """As if nothing of what happened later had ever been dropped."""
    _, left = in_turn
    then = BuiltHome(tmp_path)
    then.land_whole(known_by(day, files))
    then.must(FRESH)
    dates = Dates(day, then.query)
    then.begin()
    then.land_whole(known_by(day, files, dates))
    then.must(FRESH)
    names = (f"as of {day}", "in the lake of that day")
    plain = {table: TOLD_BY_TODAY.get(table, ()) for table in told_without_today(then)}
    assert_same(left[day.isoformat()], then.home.warehouse, plain, names)
    # And with "today" told, nothing is left aside.
    then.must(as_of(day))
    assert_same(left[day.isoformat()], then.home.warehouse, dict.fromkeys(told_by_day(then), ()), names)


def test_unit_tests_are_for_days_of_their_own(in_turn: tuple[BuiltHome, dict[str, Path]]):
    """Whatever the day of the build, even one before all their rows."""
    house, _ = in_turn
    house.must(Build(("test", "--select", "test_type:unit", "--vars", "as_of: 1990-01-01")))


def test_the_days_differ(in_turn: tuple[BuiltHome, dict[str, Path]]):
    """Otherwise equal tables would say little: each loses rows with each day that is taken away."""
    _, left = in_turn
    told = {
        name: [_count(left[at], name) for at in ("first", *(day.isoformat() for day in DAYS))]
        for name in ("gold.gym_summary", "gold.fct_workout", "gold.dim_member_history", "gold.fact_daily")
    }
    assert all(counts == sorted(counts, reverse=True) and len({*counts}) == 3 for counts in told.values()), told


def _count(warehouse: Path, table: str) -> int:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]
