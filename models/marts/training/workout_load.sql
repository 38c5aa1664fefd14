{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'business_date',
        'reads': {
            'fct_workout': {'days': [0, 0]},
            'int_workouts_profiled': {'key': 'workout_date', 'days': [1, 1]},
            'int_heart_rate_in_workouts': {'days': [1, 2]},
        },
    },
) }}

with readings as (

    select
        workout_key,
        bpm,
        sum(weight_seconds) as weight_seconds
    from {{ touched('int_heart_rate_in_workouts') }}
    group by workout_key, bpm

),

-- The highest heart rate to expect hangs on the age.
profiles as (

    select * from {{ touched('int_workouts_profiled') }}
    where age_years is not null

),

workouts as (

    select * from {{ touched('fct_workout') }}

),

shares as (

    select
        readings.workout_key,
        profiles.sex,
        readings.weight_seconds,
        cast(readings.bpm - {{ var('resting_heart_rate') }} as double)
        / cast({{ max_heart_rate('profiles.age_years') }} - {{ var('resting_heart_rate') }} as double) as reserve_share
    from readings
    inner join profiles
        on readings.workout_key = profiles.workout_key

),

impulses as (

    select
        *,
        {{ trimp('cast(weight_seconds as double) / 60', 'reserve_share', 'sex') }} as trimp
    from shares

),

-- Decimal, because sums of doubles depend on the order of rows.
loads as (

    select
        workout_key,
        max(sex) as sex,
        sum(weight_seconds) as weighed_seconds,
        sum({{ exact_decimal('trimp', 18, 6) }}) as trimp
    from impulses
    group by workout_key

)

select
    loads.workout_key,
    workouts.member_key,
    workouts.member_id,
    workouts.gym_id,
    cast(loads.weighed_seconds as bigint) as weighed_seconds,
    cast(loads.trimp as decimal(18, 6)) as trimp,
    loads.sex is not null as is_known_sex,
    workouts.business_date
from loads
inner join workouts
    on loads.workout_key = workouts.workout_key
