-- A reading belongs to a workout when start < time <= stop, on a device that the workout's member owned then.
{{ config(
    materialized='sliced',
    slice_by='measured_date',
    reads={
        'int_heart_rate_deduplicated': {'days': [0, 1]},
        'int_workouts_paired': {'days': [1, 0]},
        'int_devices_owned': {
            'key': 'member_id', 'through': 'int_workouts_paired', 'slice': 'workout_date', 'days': [1, 0],
        },
    },
    chunk_rows=40000000,
) }}

with readings as (

    select * from {{ touched('int_heart_rate_deduplicated') }}

),

workouts as (

    select * from {{ touched('int_workouts_paired') }}
    where is_complete

),

owned as (

    select * from {{ ref('int_devices_owned') }}

),

-- One row per workout, device and UTC day: readings find their workout by equality of device and day.
workout_days as (

    select
        workouts.workout_key,
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
    from readings
    where measured_at < {{ add_seconds('cast(measured_date as timestamp)', 10) }}
    group by device_id, measured_date

),

in_workouts as (

    select
        workout_days.workout_key,
        readings.measured_date,
        -- Decimal, because the sum of doubles depends on the order of rows.
        {{ exact_decimal('readings.bpm', 9, 3) }} as bpm,
        -- What the reading stands for: until the next one or the stop, ten seconds at most.
        least(
            10,
            coalesce(
                readings.seconds_to_next,
                {{ seconds_between('readings.measured_at', 'after_midnight.first_measured_at') }},
                10
            ),
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
    left join after_midnight
        on
            readings.device_id = after_midnight.device_id
            and readings.measured_date = after_midnight.day_before
            and readings.seconds_to_next is null
    where readings.is_valid

)

select
    workout_key,
    bpm,
    count(*) as reading_count,
    cast(sum(weight_seconds) as bigint) as weight_seconds,
    measured_date
from in_workouts
group by workout_key, measured_date, bpm
