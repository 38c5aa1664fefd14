{{ config(materialized='sliced', meta={'slice_by': 'date', 'reads': {'fct_workout': {'days': [2, 3]}}}) }}

with sessions as (

    select * from {{ touched('gym_summary') }}

),

workouts as (

    select * from {{ touched('fct_workout') }}

),

-- Several sessions may fall within one stay: its minutes count once.
stays as (

    select
        gym_id,
        date,
        gym_login_key,
        max(minutes_in_gym) as minutes_in_gym
    from sessions
    group by gym_id, date, gym_login_key

),

stay_totals as (

    select
        gym_id,
        date,
        count(*) as stay_count,
        sum(cast(round(minutes_in_gym * 60) as bigint)) as seconds_in_gym
    from stays
    group by gym_id, date

),

-- A session may fall within two overlapping stays: its minutes count once too.
distinct_sessions as (

    select distinct
        gym_id,
        date,
        workout_key
    from sessions

),

session_totals as (

    select
        distinct_sessions.gym_id,
        distinct_sessions.date,
        count(*) as session_count,
        count(distinct workouts.member_key) as member_count,
        sum({{ seconds_between('workouts.started_at', 'workouts.stopped_at') }}) as seconds_exercising,
        {{ sorted_list(
            "cast(workouts.member_id as string) || ':' || cast(workouts.workout_id as string) || ':' || cast(workouts.session_id as string)"
        ) }} as workouts
    from distinct_sessions
    inner join workouts
        on distinct_sessions.workout_key = workouts.workout_key
    group by distinct_sessions.gym_id, distinct_sessions.date

)

select
    {{ surrogate_key(['stay_totals.gym_id', 'stay_totals.date']) }} as gym_day_key,
    stay_totals.gym_id,
    stay_totals.date,
    session_totals.workouts,
    session_totals.member_count,
    stay_totals.stay_count,
    session_totals.session_count,
    cast(stay_totals.seconds_in_gym as double) / 60 as minutes_in_gym,
    cast(session_totals.seconds_exercising as double) / 60 as minutes_exercising
from stay_totals
inner join session_totals
    on
        stay_totals.gym_id = session_totals.gym_id
        and stay_totals.date = session_totals.date
