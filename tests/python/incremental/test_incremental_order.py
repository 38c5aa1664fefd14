"""Whatever the order, the split, the repetition and the delay of a chain's files, and whatever keeps house between
them: the tables are those of one build."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from drop_pieces import DropFile
from hard_orders import DATES, chain_files, the_newest_first_in_pieces_and_crashes, what_others_need_comes_last
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from order_house import OrderHouse
from schedules import Schedule, schedules

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
    return OrderHouse(root, chain_files(root))


# In the second, too, what others need comes last.
@pytest.mark.parametrize(
    "order",
    [pytest.param(what_others_need_comes_last, marks=pytest.mark.full), the_newest_first_in_pieces_and_crashes],
)
def test_the_hardest_orders(house: OrderHouse, order: Callable[[list[DropFile]], Schedule]):
    assert_right(house, order(house.files))
    # What keeps house did so: else it would be no wonder that it changed nothing.
    assert list(house.home.raw.rglob("compacted-*.parquet"))
    [(gone, rejected)] = house.query(
        "select count(rejects_retired_at), sum(rows_rejected) from raw.operations__batches"
    )
    assert gone > 0
    assert house.query("select count(*) from gold.rejected_rows") == [(rejected,)]


@pytest.mark.full
@settings(**PLAYED, max_examples=2, phases=[Phase.generate])
@given(data=st.data())
def test_any_order(house: OrderHouse, data: st.DataObject):
    assert_right(house, data.draw(schedules(house.files, house.models, DATES)))


@pytest.mark.full
@settings(**{**PLAYED, "derandomize": False}, max_examples=25, print_blob=True)
@given(data=st.data())
def test_any_of_many_orders(house: OrderHouse, data: st.DataObject):
    assert_right(house, data.draw(schedules(house.files, house.models, DATES)))


@pytest.mark.full
@settings(**{**PLAYED, "derandomize": False}, max_examples=6, print_blob=True)
@given(data=st.data())
def test_what_retention_froze_stays_in_any_order(house: OrderHouse, data: st.DataObject):
    schedule = data.draw(schedules(house.files, house.models, DATES, least=3))
    at = data.draw(st.integers(1, len(schedule.steps) - 2))
    wrong = house.play_retiring(schedule, at)
    assert not wrong, "\n".join([repr(schedule), f"  retention after instalment {at}", *wrong])


def assert_right(house: OrderHouse, schedule: Schedule) -> None:
    wrong = house.play(schedule)
    assert not wrong, "\n".join([repr(schedule), *wrong])
