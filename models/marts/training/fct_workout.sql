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

{%- set zone = "coalesce(gym_logins.time_zone, '" ~ var('default_time_zone') ~ "')" %}

with workouts as (

    select
        *,
        coalesce(started_at, stopped_at) as known_at
    from {{ touched('int_workouts_paired') }}

),

located as (

    select * from {{ touched('int_workouts_located') }}
    where login_rank = 1

),

gym_logins as (

    select * from {{ touched('int_gym_logins_conformed') }}

),

zone_days as (

    {{ zone_days('gym_logins', 'workouts', 'known_at') }}

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
        {{ zoned_date('workouts.known_at', zone) }} as business_date
    from workouts
    left join located
        on workouts.workout_key = located.workout_key
    left join gym_logins
        on located.gym_login_key = gym_logins.gym_login_key
    left join zone_days
        on {{ on_zone_day('workouts.known_at', zone) }}

)

select * from placed
where {{ until_as_of('business_date') }}
