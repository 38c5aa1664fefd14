{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'date',
        'reads': {
            'fct_workout': {'days': [0, 0]},
            'int_workouts_profiled': {'key': 'workout_date', 'days': [1, 1]},
            'int_heart_rate_in_workouts': {'days': [1, 2]},
        },
    },
) }}

with workouts as (

    select * from {{ touched('fct_workout') }}
    where is_complete

),

profiles as (

    select * from {{ touched('int_workouts_profiled') }}

),

readings as (

    select
        workout_key,
        cast(sum(reading_count) as bigint) as num_recordings,
        min(bpm) as min_bpm,
        sum(bpm * reading_count) as sum_bpm,
        max(bpm) as max_bpm
    from {{ touched('int_heart_rate_in_workouts') }}
    group by workout_key

)

select
    workouts.workout_key,
    workouts.member_key,
    workouts.workout_id,
    workouts.session_id,
    workouts.member_id as user_id,
    workouts.business_date as date,
    coalesce(profiles.age_band, 'unknown') as age_band,
    profiles.sex,
    profiles.gender,
    profiles.city,
    profiles.state,
    readings.num_recordings,
    cast(readings.min_bpm as double) as min_bpm,
    cast(readings.sum_bpm as double) / readings.num_recordings as avg_bpm,
    cast(readings.max_bpm as double) as max_bpm
from readings
inner join workouts
    on readings.workout_key = workouts.workout_key
left join profiles
    on readings.workout_key = profiles.workout_key
