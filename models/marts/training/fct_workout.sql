{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'business_date',
        'reads': {
            'int_workouts_paired': {'days': [1, 1]},
            'int_workouts_located': {'days': [1, 1]},
            'int_gym_logins_conformed': {'days': [2, 1]},
        },
    },
) }}

with workouts as (

    select * from {{ touched('int_workouts_paired') }}

),

located as (

    select * from {{ touched('int_workouts_located') }}
    where login_rank = 1

),

gym_logins as (

    select * from {{ touched('int_gym_logins_conformed') }}

),

placed as (

    select
        workouts.workout_key,
        {{ member_key('workouts.member_id') }} as member_key,
        gym_logins.gym_login_key,
        workouts.member_id,
        workouts.workout_id,
        workouts.session_id,
        gym_logins.gym_id,
        workouts.incomplete_reason,
        cast({{ seconds_between('workouts.started_at', 'workouts.stopped_at') }} as double) / 60 as minutes_exercising,
        workouts.is_complete,
        workouts.started_at,
        workouts.stopped_at,
        {{ local_date(
            'coalesce(workouts.started_at, workouts.stopped_at)',
            "coalesce(gym_logins.time_zone, '" ~ var('default_time_zone') ~ "')"
        ) }} as business_date
    from workouts
    left join located
        on workouts.workout_key = located.workout_key
    left join gym_logins
        on located.gym_login_key = gym_logins.gym_login_key

)

select * from placed
where {{ until_as_of('business_date') }}
