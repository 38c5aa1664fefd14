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
        workouts.*,
        gym_logins.gym_login_key,
        gym_logins.gym_id,
        coalesce(workouts.started_at, workouts.stopped_at) as known_at,
        coalesce(gym_logins.time_zone, '{{ var("default_time_zone") }}') as time_zone
    from workouts
    left join located
        on workouts.workout_key = located.workout_key
    left join gym_logins
        on located.gym_login_key = gym_logins.gym_login_key

),

zone_days as (

    {{ zone_days('placed', 'known_at') }}

),

dated as (

    select
        placed.workout_key,
        {{ member_key('placed.member_id') }} as member_key,
        placed.gym_login_key,
        placed.member_id,
        placed.workout_id,
        placed.session_id,
        placed.gym_id,
        placed.incomplete_reason,
        cast({{ seconds_between('placed.started_at', 'placed.stopped_at') }} as double) / 60 as minutes_exercising,
        placed.is_complete,
        placed.started_at,
        placed.stopped_at,
        {{ zoned_date('placed', 'known_at') }} as business_date
    from placed
    left join zone_days
        on {{ on_zone_day('placed', 'known_at') }}

)

select * from dated
where {{ until_as_of('business_date') }}
