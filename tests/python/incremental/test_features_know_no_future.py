"""Features of a month's end are those that a build for that day gives: nothing that happened later is in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from built_home import BuiltHome
from schedules import Build

from data_gen.chain.parameters import Parameters
from data_gen.simulate import simulate

CHAIN = Parameters(members=120, days=75, start=date(2025, 3, 1), heart_rate=40_000)
MONTH_END = date(2025, 4, 30)
FEATURES = "gold.churn_features"
WHAT_IS_NEEDED = ("--select", "+churn_features")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Warehouses of one lake: as of its last day, `today`, and as of the month's end, `then`."""
    root = tmp_path_factory.mktemp("features")
    simulate(CHAIN, root / "chain")
    house = BuiltHome(root)
    house.land({path.name: path.read_bytes() for path in (root / "chain").glob("[!_]*/*")})
    house.must(Build(("run", *WHAT_IS_NEEDED)))
    today = house.keep(root / "today.duckdb")
    house.must(Build(("run", *WHAT_IS_NEEDED, "--vars", f"as_of: {MONTH_END}")))
    return {"today": today, "then": house.home.warehouse}


def rows(warehouse: Path, until: date, columns: str = "*") -> list[tuple]:
    """Features of all months that had ended by a day, in order."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        query = f"select {columns} from {FEATURES} where month_end_date <= ? order by churn_features_key"
        return connection.execute(query, [until]).fetchall()


def test_features_are_those_of_their_day(built: dict[str, Path]):
    """Those of the months before, too."""
    then = rows(built["then"], MONTH_END)
    assert then
    assert then == rows(built["today"], MONTH_END)


def test_a_build_of_a_day_has_no_later_month(built: dict[str, Path]):
    assert max(rows(built["then"], CHAIN.date_of(CHAIN.last_day), "month_end_date")) == (MONTH_END,)


def test_later_days_would_show(built: dict[str, Path]):
    """Members of the month's end went on doing things, else a feature that reads on would not be found."""
    with duckdb.connect(str(built["today"]), read_only=True) as connection:
        for table, day in (
            ("gold.fct_visit", "visit_date"),
            ("silver.int_app_events_conformed", "event_date"),
            ("gold.fct_class_attendance", "class_date"),
            ("silver.int_payments_conformed", "paid_date"),
            ("gold.fct_sale", "sale_date"),
            ("gold.training_load", "load_date"),
        ):
            query = f"""
                select count(*) from {table} as later join {FEATURES} as feature on later.member_id = feature.member_id
                where feature.month_end_date = ? and later.{day} > ?
            """
            (found,) = connection.execute(query, [MONTH_END, MONTH_END]).fetchone()
            assert found, table
