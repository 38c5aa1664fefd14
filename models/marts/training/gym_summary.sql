with located as (

    select * from {{ ref('int_workouts_located') }}

),

gym_logins as (

    select * from {{ ref('int_gym_logins_conformed') }}

),

workouts as (

    select * from {{ ref('int_workouts_paired') }}

)

select
    {{ surrogate_key(['located.gym_login_key', 'located.workout_key']) }} as gym_summary_key,
    located.gym_login_key,
    located.workout_key,
    {{ member_key('workouts.member_id') }} as member_key,
    gym_logins.business_date as date,
    gym_logins.gym_id,
    gym_logins.mac_address,
    workouts.workout_id,
    workouts.session_id,
    cast({{ seconds_between('gym_logins.login_at', 'gym_logins.logout_at') }} as double) / 60 as minutes_in_gym,
    cast({{ seconds_between('workouts.started_at', 'workouts.stopped_at') }} as double) / 60 as minutes_exercising,
    gym_logins.is_open
from located
inner join gym_logins
    on located.gym_login_key = gym_logins.gym_login_key
inner join workouts
    on located.workout_key = workouts.workout_key
