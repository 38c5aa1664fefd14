{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'date',
        'reads': {
            'int_gym_logins_conformed': {'days': [1, 1]},
            'int_workouts_located': {'days': [1, 2]},
            'fct_workout': {'days': [2, 3]},
        },
    },
) }}

with located as (

    select * from {{ touched('int_workouts_located') }}

),

gym_logins as (

    select * from {{ touched('int_gym_logins_conformed') }}

),

workouts as (

    select * from {{ touched('fct_workout') }}

)

select
    {{ surrogate_key(['located.gym_login_key', 'located.workout_key']) }} as gym_summary_key,
    located.gym_login_key,
    located.workout_key,
    workouts.member_key,
    gym_logins.business_date as date,
    gym_logins.gym_id,
    gym_logins.mac_address,
    workouts.workout_id,
    workouts.session_id,
    cast({{ seconds_between('gym_logins.login_at', 'gym_logins.logout_at') }} as double) / 60 as minutes_in_gym,
    workouts.minutes_exercising,
    gym_logins.is_open
from located
inner join gym_logins
    on located.gym_login_key = gym_logins.gym_login_key
inner join workouts
    on located.workout_key = workouts.workout_key
where {{ until_as_of('gym_logins.business_date') }}
