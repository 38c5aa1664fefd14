"""Whatever the order, the split, the repetition and the delay of a chain's files: the tables are those of one build."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from drop_pieces import DropFile, drop_files
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from late_files import write_late_files
from order_house import OrderHouse
from parity.corners import write_corners
from schedules import FRESH, WHOLE, Arrival, Build, Schedule, due_in, schedules

from data_gen.chain import Parameters
from data_gen.defect_plan import DefectPlan
from data_gen.simulate import simulate

# The night of 9 March, in which New York's clocks are put forward, lies within.
CHAIN = Parameters(
    members=160, days=8, start=date(2025, 3, 5), heart_rate=6_000, defects=DefectPlan.parse("heavy,late_row=0.05")
)
DATES = [CHAIN.date_of(day).isoformat() for day in (1, 4, 6)]
# Played again in the same order: a failure is the same failure tomorrow.
PLAYED = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "report_multiple_bugs": False,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> OrderHouse:
    """A home to play in, with all files built once."""
    root = tmp_path_factory.mktemp("order")
    simulate(CHAIN, root / "chain")
    late = write_late_files(root / "late", CHAIN, root / "chain")
    corners = write_corners(root / "corners")
    (corners / "run_report.json").unlink()  # a file of the pipeline, known by its whole name
    return OrderHouse(root, drop_files(root / "chain", late, corners))


def arriving(file: DropFile, files: list[DropFile], instalments: int, *at: int, **otherwise) -> Arrival:
    """The arrival of `file` whose parts come in the instalments `at`, whenever they are due."""
    due = due_in(file, files, instalments)
    return Arrival(tuple((each - due) % instalments for each in at), **otherwise)


def what_others_need_comes_last(files: list[DropFile]) -> Schedule:
    """Who owns which device, where gyms are, who the members are: known when all that needs them was built."""
    needed = [file for file in files if "locations" in file.name or "registered" in file.name]
    topics = [file for file in files if "multiplex" in file.name]
    last = {file.name: arriving(file, files, 3, 2) for file in needed}
    # Profiles, workouts, heart rates.
    mixed = {file.name: arriving(file, files, 3, 2, 1, 0, cut="by topic") for file in topics}
    return Schedule({**last, **mixed}, ((WHOLE,), (WHOLE,), (WHOLE,)))


def the_newest_first_in_pieces_and_crashes(files: list[DropFile]) -> Schedule:
    """Days backwards and rows backwards, each file in two, a third of it twice, and no build between that is whole."""
    pieces = {
        file.name: arriving(
            file, files, 4, newest := 3 - due_in(file, files, 4), min(newest + 1, 3),
            cut="alternating", backwards=True, again=number % 4,
        )
        for number, file in enumerate(files)
    }  # fmt: skip
    between = (
        (WHOLE, Build(("run", "--select", "+int_workouts_paired"))),
        (Build(("run", "--exclude", "int_heart_rate_deduplicated+")), Build(stop_at=180, is_killed=True)),
        (Build(stop_at=250), Build(("run", "--select", "gym_summary_daily"))),
        (FRESH, Build(("run", "--vars", f"as_of: {DATES[1]}"))),
    )
    return Schedule(pieces, between)


@pytest.mark.parametrize("order", [what_others_need_comes_last, the_newest_first_in_pieces_and_crashes])
def test_the_hardest_orders(house: OrderHouse, order: Callable[[list[DropFile]], Schedule]):
    assert_right(house, order(house.files))


@settings(**PLAYED, max_examples=3, phases=[Phase.generate])
@given(data=st.data())
def test_any_order(house: OrderHouse, data: st.DataObject):
    assert_right(house, data.draw(schedules(house.files, house.models, DATES)))


@pytest.mark.full
@settings(**{**PLAYED, "derandomize": False}, max_examples=60, print_blob=True)
@given(data=st.data())
def test_any_of_many_orders(house: OrderHouse, data: st.DataObject):
    assert_right(house, data.draw(schedules(house.files, house.models, DATES)))


def assert_right(house: OrderHouse, schedule: Schedule) -> None:
    wrong = house.play(schedule)
    assert not wrong, "\n".join([repr(schedule), *wrong])
