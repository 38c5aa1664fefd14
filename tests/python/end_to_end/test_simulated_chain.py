"""The whole way over a simulated chain, held against what the simulator knows to be true."""

from __future__ import annotations

import shutil
from collections import Counter

import pytest
from answer_keys import AnswerKey
from answers import GOLD, ONLY_TODAY, differences
from houses import House, make_house

from pipeline.dbt import NO_TESTS, NO_UNIT_TESTS

# Seed, size, first day, and a day in the middle of it. Clocks go forward in the first two, back in the third.
CHAINS = {
    "seed 7": (["--seed", "7", "--members", "300", "--days", "28", "--start", "2025-02-24"], "2025-03-12"),
    "seed 11, many defects": (
        ["--seed", "11", "--members", "90", "--days", "16", "--start", "2025-02-24", "--defects", "heavy"],
        "2025-03-04",
    ),
    "seed 23, months": (
        ["--seed", "23", "--members", "150", "--days", "75", "--start", "2025-09-20", "--heart-rate", "60000"],
        "2025-11-02",
    ),
}


# Rows that are kept and flagged: by kind of defect and raw table, those that silver flags, by their id there.
FLAGGED = {
    ("orphan_booking", "club.bookings"): "booking_id from gold.fct_class_attendance where not is_known_session",
    ("orphan_feedback", "feedback.class_feedback"): (
        "response_id from restricted.int_class_feedback_conformed where not is_known_member"
    ),
    ("orphan_payment", "club.payments"): "payment_id from silver.int_payments_conformed where not is_known_invoice",
    ("orphan_refund", "shop.refunds"): "refund_id from silver.int_refunds_conformed where not is_known_sale",
    ("unknown_member", "app.events"): "event_id from silver.int_app_events_conformed where not is_known_member",
    ("unknown_member", "club.class_check_ins"): (
        "check_in_id from silver.int_class_check_ins_conformed where not is_known_member"
    ),
    ("unmapped_class_type", "club.class_sessions"): (
        "class_session_id from silver.int_class_sessions_conformed where is_unmapped_class_type"
    ),
    ("unmapped_plan", "club.invoices"): "invoice_id from silver.int_invoices_conformed where is_unmapped_plan",
    ("unmapped_reason", "club.cancellations"): (
        "cancellation_id from silver.int_cancellations_conformed where is_unmapped_reason"
    ),
    ("unmapped_sku", "shop.sales"): "sale_id from silver.int_sales_conformed where is_unmapped_sku",
}


@pytest.fixture(scope="module", params=CHAINS.values(), ids=CHAINS)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[House, str]:
    """A chain, landed and built, and the day in its middle of which the key tells, too."""
    house, (parameters, middle) = make_house(tmp_path_factory.mktemp("chain") / "home"), request.param
    house.run("data_gen", *parameters, "--as-of", middle)
    house.run("ingest", "files", "--drops", str(house.home.drops))
    house.dbt("build", *NO_UNIT_TESTS)
    return house, middle


@pytest.fixture(scope="module")
def chain(told: tuple[House, str]) -> House:
    return told[0]


@pytest.fixture(scope="module")
def then(told: tuple[House, str], tmp_path_factory: pytest.TempPathFactory) -> House:
    """The same lake, built as of the day in the middle."""
    house, middle = told
    past = make_house(tmp_path_factory.mktemp("past") / "home")
    shutil.copytree(house.home.lake, past.home.lake)
    past.dbt("build", *NO_TESTS, "--vars", f"as_of: {middle}")
    return past


@pytest.fixture(scope="module")
def key(chain: House) -> AnswerKey:
    return AnswerKey.beside(chain.home.drops)


@pytest.mark.parametrize("name", GOLD)
def test_gold_answers_as_the_key(chain: House, key: AnswerKey, name: str):
    assert differences(chain.home.warehouse, key.tables(), name) == []


@pytest.mark.parametrize("name", sorted({*GOLD} - {*ONLY_TODAY}))
def test_gold_answers_as_the_key_of_an_earlier_day(told: tuple[House, str], then: House, key: AnswerKey, name: str):
    assert differences(then.home.warehouse, key.tables(told[1]), name) == []


def test_the_key_asks_of_every_true_table(key: AnswerKey):
    """What has a comparison of its own below stands apart."""
    apart = {"heart_rate", "members", "recorded_workouts", "stays"}
    assert {path.stem for path in key.tables().iterdir()} == {*GOLD} | apart


def test_every_row_is_where_the_key_says(chain: House, key: AnswerKey):
    found = {
        f"{source}.{table}": {
            "rows_read": read,
            "rejected": rejected,
            "bronze": bronze,
            "duplicates": repeated,
            "quarantined": quarantined,
            "silver": silver,
        }
        for source, table, read, rejected, bronze, repeated, quarantined, silver, balanced in chain.query("""
            select
                source_name, table_name, read_count, rejected_count, bronze_count, duplicate_count, quarantined_count,
                silver_count, is_balanced
            from gold.row_reconciliation
        """)
        if balanced
    }
    # Messages that no table takes are counted under the first table of the topic.
    nobodys = key.expected["devices.multiplex"]
    taken = found["crm.profile_changes"]
    taken["rows_read"] -= nobodys["rows_read"]
    taken["rejected"] -= nobodys["rejected"]
    assert found == {name: counts for name, counts in key.expected.items() if name != "devices.multiplex"}


def test_rejected_rows_name_the_broken_column(chain: House, key: AnswerKey):
    found = Counter(
        {
            (source, table, column): count
            for source, table, column, count in chain.query(
                "select source_name, table_name, column_name, count(*) from gold.rejected_rows group by all"
            )
        }
    )
    expected = key.count("rejected", by="column")
    nobodys = sum(
        count for (source, table, _), count in expected.items() if (source, table) == ("devices", "multiplex")
    )
    del expected["devices", "multiplex", None]
    expected["crm", "profile_changes", None] += nobodys
    assert found == expected


def test_quarantined_rows_name_the_broken_rule(chain: House, key: AnswerKey):
    found = {
        (source, table, rule): count
        for source, table, rule, count in chain.query(
            "select source_name, table_name, quarantine_rule, count(*) from gold.quarantined_rows group by all"
        )
    }
    assert found == dict(key.count("quarantined", by="rule"))


def test_flagged_rows_are_those_of_the_key(chain: House, key: AnswerKey):
    guests = {(each["mac_address"], each["gym"], each["login"]) for each in key.keys("unregistered_mac")}
    assert guests == set(
        chain.query("""
        select mac_address, gym_id, cast(epoch(login_at) as bigint) from silver.int_gym_logins_conformed
        where not is_registered_device
    """)
    )
    unmapped = {each["gym"] for each in key.keys("unmapped_gym")}
    assert unmapped == {gym for (gym,) in chain.query("select gym_id from gold.dim_location where is_unmapped")}
    discarded = {(each["mac_address"], each["login"]) for each in key.keys("logout_before_login")}
    assert discarded <= set(
        chain.query(
            "select mac_address, cast(epoch(login_at) as bigint) from silver.int_gym_logins_conformed where is_open"
        )
    )


@pytest.mark.parametrize(("kind", "table"), FLAGGED, ids="-".join)
def test_flagged_rows_are_the_planted_ones(chain: House, key: AnswerKey, kind: str, table: str):
    flagged = FLAGGED[kind, table]
    name = flagged.split()[0]
    planted = {str(each[name]) for each in key.keys(kind, table)}
    assert planted or key.expected[table]["silver"] < 100
    assert planted == {str(found) for (found,) in chain.query(f"select distinct {flagged}")}


def test_members_and_their_versions(chain: House, key: AnswerKey):
    assert chain.query(
        "select count(*) filter (not is_deleted), count(*) filter (is_deleted) from gold.dim_member"
    ) == [(key.truth["members"]["active"], key.truth["members"]["deleted"])]
    assert sorted(
        chain.query("""
        select member.member_id, member.is_deleted, member.city, member.state, count(*)
        from gold.dim_member as member
        inner join gold.dim_member_history as version on member.member_key = version.member_key
        group by all
    """)
    ) == sorted(key.rows("members", "select user_id, is_deleted, city, state, versions from key"))


def test_stays_fall_on_local_days(chain: House, key: AnswerKey):
    assert sorted(
        chain.query("""
        select gym_id, cast(business_date as varchar), count(*), count(*) filter (is_open)
        from silver.int_gym_logins_conformed group by all
    """)
    ) == sorted(
        (each["gym"], each["business_date"], each["stays"], each["open_stays"])
        for each in key.truth["access"]["per_gym_and_day"]
    )


def test_workouts(chain: House, key: AnswerKey):
    truth = key.truth["workouts"]
    assert chain.query("""
        select count(*), sum(cast(epoch(stopped_at) - epoch(started_at) as bigint))
        from gold.fct_workout where is_complete
    """) == [(truth["complete"], truth["complete_seconds"])]
    assert (
        dict(chain.query("select incomplete_reason, count(*) from gold.fct_workout where not is_complete group by 1"))
        == truth["incomplete"]
    )
    assert chain.query("select count(*) from gold.gym_summary") == [(key.truth["access"]["gym_summary_rows"],)]


def test_heart_rate_of_each_recorded_workout(chain: House, key: AnswerKey):
    truth = key.truth["heart_rate"]
    assert chain.query("select count(*), count(*) filter (is_valid) from silver.int_heart_rate_deduplicated") == [
        (truth["readings"], truth["valid"])
    ]
    expected = key.rows(
        "recorded workouts",
        """
        select user_id, workout_id, session_id, valid_readings, min_bpm, sum_bpm / valid_readings, max_bpm
        from key where valid_readings > 0 order by all
    """,
    )
    assert len(expected) > 10
    assert expected == chain.query("""
        select user_id, workout_id, session_id, num_recordings, min_bpm, avg_bpm, max_bpm
        from gold.workout_bpm_summary order by all
    """)


def test_zone_minutes_cover_every_reading(chain: House):
    """Each scheme divides all of a workout's readings, and no workout has more minutes than it lasted."""
    assert chain.query("""
        with per_scheme as (
            select workout_key, scheme, sum(reading_count) as readings, sum(zone_minutes) as minutes
            from gold.heart_rate_zone_minutes group by all
        )
        select count(*), count(*) filter (
            per_scheme.readings != summary.num_recordings or per_scheme.minutes > workout.minutes_exercising + 1e-9
        )
        from per_scheme
        inner join gold.workout_bpm_summary as summary using (workout_key)
        inner join gold.fct_workout as workout using (workout_key)
    """) == [(2 * len(chain.query("from gold.workout_bpm_summary where age_band != 'unknown'")), 0)]


def test_lifelog(chain: House, key: AnswerKey):
    assert chain.query("select count(*) from gold.fact_daily") == [(key.truth["lifelog"]["kept"],)]


def test_history_ends_with_the_profile_and_the_snapshot(chain: House):
    """The last version, the current row and what the snapshot now holds are one."""
    assert chain.query("""
        select count(*)
        from gold.dim_member as member
        full join (
            select * from gold.dim_member_history
            qualify version_number = max(version_number) over (partition by member_key)
        ) as version on member.current_version_key = version.member_version_key
        full join (from restricted.member_profile_snapshot where dbt_valid_to is null) as seen
            on member.member_id = seen.member_id
        where
            (member.has_profile and (version.member_key is null or seen.member_id is null))
            or version.city is distinct from member.city
            or seen.city is distinct from member.city
            or seen.is_deleted is distinct from member.is_deleted
    """) == [(0,)]


def test_calendar_agrees_with_pythons(chain: House):
    days = chain.query("""
        select
            date_day, iso_year, iso_week, iso_weekday, us_weekday, day_of_year, weekday_name, us_week_start_date,
            us_week
        from gold.dim_date
    """)
    assert len(days) in (365, 366, 731, 730)
    for day, iso_year, iso_week, iso_weekday, us_weekday, day_of_year, name, us_week_start, us_week in days:
        assert (iso_year, iso_week, iso_weekday) == tuple(day.isocalendar())
        assert us_weekday == (day.weekday() + 1) % 7 + 1
        assert day_of_year == day.timetuple().tm_yday
        assert name == f"{day:%A}"
        assert f"{us_week_start:%A}" == "Sunday"
        assert 0 <= (day - us_week_start).days < 7
        # Python's week 0 is what comes before the first Sunday.
        assert us_week == int(f"{day:%U}") + (day.replace(month=1, day=1).weekday() != 6)
