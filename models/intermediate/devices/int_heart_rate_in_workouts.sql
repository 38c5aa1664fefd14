-- A reading belongs to a workout when start < time <= stop, on a device that the workout's member owned then.
{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'measured_date',
        'reads': {
            'int_heart_rate_deduplicated': {'days': [0, 1]},
            'int_workouts_paired': {'days': [1, 0]},
            'int_devices_owned': {
                'key': 'member_id', 'through': 'int_workouts_paired', 'slice': 'workout_date', 'days': [1, 0],
            },
        },
        'chunk_rows': 40000000,
    },
) }}

with within_days as (

    select * from {{ touched('int_heart_rate_deduplicated') }}
    where is_valid and seconds_to_next is not null

),

ends_of_days as (

    select * from {{ touched('int_heart_rate_deduplicated') }}
    where is_valid and seconds_to_next is null

),

workouts as (

    -- Engines group numbers faster than texts.
    select
        *,
        row_number() over (order by workout_key) as workout_number
    from {{ touched('int_workouts_paired') }}
    where is_complete

),

owned as (

    select * from {{ ref('int_devices_owned') }}

),

-- One row per workout, device and UTC day: readings find their workout by equality of device and day.
workout_days as (

    select
        workouts.workout_number,
        owned.device_id,
        owned.owned_from,
        owned.owned_to,
        workouts.started_at,
        workouts.stopped_at,
        {{ explode_days('cast(workouts.started_at as date)', 'cast(workouts.stopped_at as date)') }} as utc_date
    from workouts
    inner join owned
        on
            workouts.member_id = owned.member_id
            and workouts.stopped_at >= owned.owned_from
            and workouts.started_at < owned.owned_to

),

-- What follows the last reading of a day lies in the next one; beyond ten seconds it does not matter.
after_midnight as (

    select
        device_id,
        {{ add_days('measured_date', -1) }} as day_before,
        min(measured_at) as first_measured_at
    from {{ touched('int_heart_rate_deduplicated') }}
    where measured_at < {{ add_seconds('cast(measured_date as timestamp)', 10) }}
    group by device_id, measured_date

),

-- The few that end a day are looked up apart: a left join of all readings would cost as much as all the rest.
readings as (

    select
        device_id,
        bpm,
        seconds_to_next,
        measured_at,
        measured_date
    from within_days
    union all
    select
        ends_of_days.device_id,
        ends_of_days.bpm,
        coalesce(
            {{ seconds_between('ends_of_days.measured_at', 'after_midnight.first_measured_at') }}, 10
        ) as seconds_to_next,
        ends_of_days.measured_at,
        ends_of_days.measured_date
    from ends_of_days
    left join after_midnight
        on
            ends_of_days.device_id = after_midnight.device_id
            and ends_of_days.measured_date = after_midnight.day_before

),

in_workouts as (

    select
        workout_days.workout_number,
        readings.measured_date,
        readings.bpm,
        -- What the reading stands for: until the next one or the stop, ten seconds at most.
        least(
            10,
            readings.seconds_to_next,
            {{ seconds_between('readings.measured_at', 'workout_days.stopped_at') }}
        ) as weight_seconds
    from readings
    inner join workout_days
        on
            readings.device_id = workout_days.device_id
            and readings.measured_date = workout_days.utc_date
            and readings.measured_at > workout_days.started_at
            and readings.measured_at <= workout_days.stopped_at
            and readings.measured_at >= workout_days.owned_from
            and readings.measured_at < workout_days.owned_to

),

counted as (

    select
        workout_number,
        measured_date,
        bpm,
        count(*) as reading_count,
        sum(weight_seconds) as weight_seconds
    from in_workouts
    group by workout_number, measured_date, bpm

),

-- Decimal, because sums of doubles depend on the order of rows. Once for each heart rate, not for each reading; two
-- doubles may be the same decimal.
exact as (

    select
        workouts.workout_key,
        {{ exact_decimal('counted.bpm', 9, 3) }} as bpm,
        counted.reading_count,
        counted.weight_seconds,
        counted.measured_date
    from counted
    inner join workouts
        on counted.workout_number = workouts.workout_number

)

select
    workout_key,
    bpm,
    cast(sum(reading_count) as bigint) as reading_count,
    cast(sum(weight_seconds) as bigint) as weight_seconds,
    measured_date
from exact
group by workout_key, measured_date, bpm
