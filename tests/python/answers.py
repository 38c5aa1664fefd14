"""What gold answers to each question of the simulator's answer key: one query per table of `_answer_key/<day>/`.

Each query gives the columns of the key's table in its order; money in whole cents. Days and hours on which nothing
happened need no row on either side, so a query leaves them out where gold has them.
"""

from __future__ import annotations

from pathlib import Path

import duckdb


def _cents(amount: str) -> str:
    return f"cast(100 * {amount} as bigint)"


def _quoted(column: str) -> str:
    return f'"{column}"'


# Kept for every date, also by a build as of an earlier one, or dated otherwise in the key: compared for today alone.
ONLY_TODAY = ("app", "workouts")
GOLD = {
    # visits
    "visits": "select visit_date, gym_id, count(*), sum(access_count) from gold.fct_visit group by all",
    "active_members": "select activity_date, gym_id, dau, wau, mau from gold.daily_active_members where mau > 0",
    "occupancy": """
        select occupancy_date, gym_id, hour_of_day, present_count, arrival_count from gold.occupancy_by_hour
        where present_count > 0 or arrival_count > 0
    """,
    "facility": """
        select usage_date, gym_id, facility, hour_of_day, entry_count from gold.facility_usage_by_hour
        where entry_count > 0
    """,
    # classes
    "attendance": """
        select class_date, gym_id, class_type_code, instructor_id, outcome, count(*), count(*) filter (is_walk_in)
        from gold.fct_class_attendance where class_date is not null group by all
    """,
    "class_fill": """
        select class_date, gym_id, class_type_code, sum(sessions), sum(capacity), sum(attended), sum(empty_sessions)
        from gold.class_fill group by all
    """,
    "first_classes": "select member_id, first_class_date, second_class_date from gold.first_and_second_class",
    "feedback": """
        select class_date, gym_id, sum(response_count), sum(rating_sum), sum(promoter_count), sum(detractor_count)
        from gold.class_feedback_score group by all
    """,
    # membership
    "member_status": "select month_start_date, status, count(*) from gold.member_month_status group by all",
    "member_status_by_member": f"""
        select member_id, status, {_cents("mrr_amount")} from gold.member_month_status
        where month_start_date = (select max(month_start_date) from gold.member_month_status)
    """,
    "joins": """
        select
            date_trunc('month', effective_date), count(*) filter (not is_rejoin), count(*) filter (is_rejoin)
        from gold.fct_membership_event where event_type = 'join' group by all
    """,
    "leaves": """
        select month_start_date, cancellation_reason, sum(leaves_count) from gold.cancellation_reason group by all
    """,
    "mrr": f"""
        with closing as (
            select month_start_date, sum(mrr_amount) as mrr_amount from gold.member_month_status group by all
        )
        select
            month_start_date, {_cents("coalesce(lag(mrr_amount) over (order by month_start_date), 0)")},
            {_cents("mrr_amount")}
        from closing
    """,
    "mrr_movement": f"""
        select month_start_date, movement, count(*), {_cents("sum(movement_amount)")}
        from gold.mrr_movement group by all
    """,
    "churn": """
        select month_start_date, plan_code, gym_id, members_at_start, members_left, members_at_start_not_at_end
        from gold.churn_rate
        where plan_code <> 'all' and gym_id <> 0 and (members_at_start > 0 or members_left > 0)
    """,
    "survival": """
        select plan_code, month_number, at_risk_count, left_count from gold.retention_curve where plan_code <> 'all'
    """,
    "ltv_inputs": f"""
        select plan_code, count(*), sum(active_month_count), {_cents("sum(revenue_amount)")}
        from gold.member_ltv group by all
    """,
    # commerce
    "membership_revenue": f"""
        select revenue_date, gym_id, {_cents("sum(net_amount)")} from gold.revenue_daily
        where revenue_stream = 'membership' group by all having sum(net_amount) <> 0
    """,
    "class_revenue": f"""
        select revenue_date, gym_id, class_type_code, {_cents("sum(net_amount)")} from gold.revenue_by_class
        group by all having sum(net_amount) <> 0
    """,
    "shop_revenue": f"""
        select revenue_date, gym_id, case when is_unmapped then '' else product_sku end, sum(net_quantity),
            {_cents("sum(net_amount)")}
        from gold.revenue_by_product where gym_id <> -1 group by all
    """,
    # training
    "equipment": """
        select session_date, gym_id, case when muscle_group = 'unmapped' then '' else machine_type end,
            sum(session_count), sum(cast(round(minutes_used * 60) as bigint))
        from gold.equipment_utilisation where gym_id <> -1 group by all having sum(session_count) > 0
    """,
    "workouts": """
        select cast(coalesce(started_at, stopped_at) as date), count(*) filter (is_complete),
            coalesce(sum(cast(epoch(stopped_at) - epoch(started_at) as bigint)) filter (is_complete), 0),
            count(*) filter (incomplete_reason = 'no_start'), count(*) filter (incomplete_reason = 'no_stop'),
            count(*) filter (incomplete_reason = 'too_long')
        from gold.fct_workout group by all
    """,
    # engagement
    "app": "select event_date, event_type, count(*) from silver.int_app_events_conformed group by all",
}


def differences(warehouse: Path, truths: Path, name: str) -> list[tuple]:
    """Rows that only the key's table `name` in the folder `truths` has, or only gold, with where they were found."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        columns = [row[0] for row in connection.execute(f"describe from '{truths / name}.parquet'").fetchall()]
        columns = columns[: len(connection.execute(f"describe {GOLD[name]}").fetchall())]
        true, told = f"select {', '.join(map(_quoted, columns))} from '{truths / name}.parquet'", GOLD[name]
        return connection.execute(f"""
            with true_rows as ({true}), told as ({told})
            select 'only in the key', * from (from true_rows except all from told)
            union all
            select 'only in gold', * from (from told except all from true_rows)
            order by all
        """).fetchall()
