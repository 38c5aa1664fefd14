{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'workout_date',
        'reads': {'int_gym_logins_conformed': {'days': [1, 0]}},
    },
) }}

-- Every pair of a stay at a gym and a complete workout of the device's owner that began within it.
with gym_logins as (

    select * from {{ touched('int_gym_logins_conformed') }}
    where is_registered_device

),

workouts as (

    select * from {{ touched('int_workouts_paired') }}
    where is_complete

),

-- One row per stay and UTC day, so that the join finds candidates by equality, whatever the length of the history.
login_days as (

    select
        gym_login_key,
        gym_id,
        mac_address,
        member_id,
        login_at,
        takes_workouts_until,
        {{ explode_days('cast(login_at as date)', 'cast(takes_workouts_until as date)') }} as utc_date
    from gym_logins

)

select
    login_days.gym_login_key,
    workouts.workout_key,
    cast(row_number() over (
        partition by workouts.workout_key order by login_days.login_at desc, login_days.gym_login_key
    ) as bigint) as login_rank,
    workouts.workout_date
from workouts
inner join login_days
    on
        workouts.member_id = login_days.member_id
        and cast(workouts.started_at as date) = login_days.utc_date
        and workouts.started_at >= login_days.login_at
        and workouts.started_at <= login_days.takes_workouts_until
