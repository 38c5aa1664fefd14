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
        sum(weight_seconds) as weight_seconds,
        sum(reading_count) as reading_count
    from {{ touched('int_heart_rate_in_workouts') }}
    group by workout_key, bpm

),

profiles as (

    select * from {{ touched('int_workouts_profiled') }}
    where age_years is not null

),

zones as (

    select * from {{ ref('heart_rate_zones') }}

),

-- Of what a scheme takes its shares: of all beats to the maximum, or of the reserve above rest.
divided as (

    select
        readings.workout_key,
        zones.scheme,
        zones.zone,
        zones.zone_name,
        zones.lowest_share,
        zones.upper_share,
        readings.weight_seconds,
        readings.reading_count,
        readings.bpm - zones.counts_from_rest * {{ var('resting_heart_rate') }} as beats,
        {{ max_heart_rate('profiles.age_years') }} - zones.counts_from_rest * {{ var('resting_heart_rate') }} as whole
    from readings
    inner join profiles
        on readings.workout_key = profiles.workout_key
    cross join zones

),

-- Multiplied out instead of divided: decimals compare exactly, so a reading on a border has one zone on every engine.
zoned as (

    select
        workout_key,
        scheme,
        zone,
        zone_name,
        sum(weight_seconds) as zone_seconds,
        sum(reading_count) as reading_count
    from divided
    where beats >= lowest_share * whole and beats < upper_share * whole
    group by workout_key, scheme, zone, zone_name

),

workouts as (

    select * from {{ touched('fct_workout') }}

)

select
    {{ surrogate_key(['zoned.workout_key', 'zoned.scheme', 'zoned.zone']) }} as heart_rate_zone_key,
    zoned.workout_key,
    workouts.member_key,
    workouts.business_date,
    zoned.scheme,
    zoned.zone,
    zoned.zone_name,
    cast(zoned.reading_count as bigint) as reading_count,
    cast(zoned.zone_seconds as double) / 60 as zone_minutes
from zoned
inner join workouts
    on zoned.workout_key = workouts.workout_key
