"""Five real days of a fitness tracker: every row ends in the facts or in a table that says why not."""

from __future__ import annotations

import csv
from collections import Counter

import pytest
from houses import SAMPLES, House

DAYS = SAMPLES / "fitness_tracker"


@pytest.fixture(scope="module")
def built(module_house: House) -> House:
    module_house.run("pipeline", "run", "--drops", str(DAYS))
    return module_house


def rows_of_the_files() -> list[dict]:
    rows = []
    for path in sorted(DAYS.glob("*.csv")):
        with path.open(newline="") as file:
            rows.extend(csv.DictReader(file))
    return rows


def test_every_row_is_a_fact_or_has_a_reason(built: House):
    rows = rows_of_the_files()
    assert len(rows) == 9795
    assert built.query("""
        select
            (select count(*) from gold.fact_daily)
            + (select count(*) from gold.quarantined_rows where quarantine_rule is not null)
            + (select count(*) from gold.rejected_rows where reason is not null)
            + (select duplicate_count from gold.row_reconciliation where entity = 'lifelog')
    """) == [(9795,)]


def test_the_rules_are_those_stated(built: House):
    """Counted again from the files, by hand."""
    kept, broken, seen = 0, Counter(), set()
    for row in rows_of_the_files():
        if not 1 <= max(0, int(row["steps"])) <= 50_000:
            broken["steps_out_of_range"] += 1
        elif not 30 <= float(row["heart_rate_avg"]) <= 200:
            broken["heart_rate_avg_out_of_range"] += 1
        elif not 2 <= float(row["sleep_hours"]) <= 16:
            broken["sleep_hours_out_of_range"] += 1
        elif not 500 <= float(row["calories_burned"]) <= 8_000:
            broken["calories_burned_out_of_range"] += 1
        else:
            kept += (row["user_id"], row["date"]) not in seen
            seen.add((row["user_id"], row["date"]))
    assert built.query("select count(*) from gold.fact_daily") == [(kept,)]
    assert dict(built.query("select quarantine_rule, count(*) from gold.quarantined_rows group by 1")) == dict(broken)


def test_rolling_steps_against_the_files(built: House):
    steps: dict[int, list[tuple[str, int]]] = {}
    for row in rows_of_the_files():
        if float(row["calories_burned"]) >= 500:
            steps.setdefault(int(row["user_id"]), []).append((row["date"], int(row["steps"])))
    for user, days in list(steps.items())[:200]:
        expected = [sum(n for _, n in days[: i + 1]) / (i + 1) for i in range(len(days))]
        found = built.query(
            f"select steps_30d_avg from gold.fact_daily where lifelog_user_id = {user} order by activity_date"
        )
        assert [value for (value,) in found] == expected
