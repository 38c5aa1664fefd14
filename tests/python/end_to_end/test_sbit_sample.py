"""The wearable vendor's published day, and a second day that it does not show, from files to a release."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
from houses import SAMPLES, House

SBIT = SAMPLES / "sbit"
SECOND_DAY = Path(__file__).parent / "second_day"

GYM_SUMMARY = """
    select cast(date as varchar), gym_id, mac_address, workout_id, session_id, minutes_in_gym, minutes_exercising
    from gold.gym_summary
    where date {} date '2023-03-11'
    order by all
"""


@pytest.fixture(scope="module")
def built(module_house: House) -> House:
    module_house.run("pipeline", "run", "--drops", str(SBIT))
    return module_house


@pytest.fixture(scope="module")
def two_days(built: House) -> House:
    built.run("pipeline", "run", "--drops", str(SECOND_DAY))
    return built


def expected_gym_summary() -> list[tuple]:
    with (SBIT / "expected_gym_summary_1.csv").open(newline="") as file:
        return sorted(
            (
                row["date"],
                int(row["gym"]),
                row["mac_address"],
                int(row["workout_id"]),
                int(row["session_id"]),
                float(row["minutes_in_gym"]),
                float(row["minutes_exercising"]),
            )
            for row in csv.DictReader(file)
        )


def test_gym_summary_equals_the_published_result(built: House):
    assert built.query(GYM_SUMMARY.format("=")) == expected_gym_summary()


def test_gym_summary_per_gym_and_day(built: House):
    assert built.query(
        "select gym_id, member_count, stay_count, session_count, minutes_in_gym, minutes_exercising "
        "from gold.gym_summary_daily order by gym_id"
    ) == [(1, 2, 2, 2, 120.0, 100.0), (3, 1, 2, 2, 135.0, 115.0), (5, 3, 4, 4, 272.0, 233.0)]


def test_profiles_end_with_their_last_change(built: House):
    names = built.query(
        "select member_id, last_name, city from restricted.member_identity where member_id in (12140, 13559)"
    )
    assert sorted(names) == [(12140, "Castillo", "Pearblossom"), (13559, "Smith", "Santa Monica")]
    assert built.query("select count(*) from gold.dim_member_history where member_id in (12140, 13559)") == [(4,)]


def test_all_rows_are_accounted_for(built: House):
    counts = built.query(
        "select entity, read_count, bronze_count, silver_count, is_balanced from gold.row_reconciliation "
        "where read_count > 0 order by entity"
    )
    assert counts == [
        ("gym_logins", 8, 8, 8, True),
        ("profile_changes", 7, 7, 7, True),
        ("registered_devices", 5, 5, 5, True),
        ("workout_events", 16, 16, 16, True),
    ]


def test_second_day_leaves_the_first_as_it_was(two_days: House):
    assert two_days.query(GYM_SUMMARY.format("=")) == expected_gym_summary()


def test_second_day_late_profile_and_upper_case_address(two_days: House):
    assert two_days.query("select last_name, city from restricted.member_identity where member_id = 14232") == [
        ("Smith", "North Hollywood")
    ]
    assert two_days.query(
        "select version_number, city, is_current from gold.dim_member_history where member_id = 14232 order by 1"
    ) == [(1, "Long Beach", False), (2, "North Hollywood", True)]


def test_second_day_stays_and_sessions(two_days: House):
    """A logout that came later; an open stay; session numbers used again; seconds that 32-bit floats would lose."""
    assert two_days.query(GYM_SUMMARY.format(">")) == [
        ("2023-03-12", 2, "aa:bb:cc:00:42:32", 1, 1, 2800 / 60, 2401 / 60),
        ("2023-03-12", 4, "ae:ec:f6:48:ca:f7", 1, 1, None, 10.0),
    ]
    assert two_days.query("select workout_id, incomplete_reason from gold.fct_workout where not is_complete") == [
        (2, "no_stop")
    ]


def test_second_day_readings(two_days: House):
    """The reading in the second of the start and that after the stop do not count; the repeat counts once."""
    assert two_days.query(
        "select user_id, date, num_recordings, min_bpm, avg_bpm, max_bpm, age_band, city from gold.workout_bpm_summary"
    ) == [(14232, dt.date(2023, 3, 12), 3, 90.25, (90.25 + 91.75 + 100.0) / 3, 100.0, "35-44", "North Hollywood")]
    assert two_days.query(
        "select duplicate_count, silver_count from gold.row_reconciliation where entity = 'heart_rate'"
    ) == [(1, 6)]


def test_snapshot_saw_both_runs(two_days: House):
    """What each build knew is in the snapshot: nobody's profile changed on the second day, one member came."""
    assert two_days.query("""
        select count(*), count(distinct member_id), count(*) filter (dbt_valid_to is null)
        from restricted.member_profile_snapshot
    """) == [(6, 6, 6)]
