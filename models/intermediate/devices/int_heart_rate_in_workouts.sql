-- A reading belongs to a workout when start < time <= stop, on a device that the workout's member owned then.
with readings as (

    select * from {{ ref('int_heart_rate_deduplicated') }}
    where is_valid

),

workouts as (

    select * from {{ ref('int_workouts_paired') }}
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

)

select
    workout_days.workout_key,
    readings.device_id,
    -- Decimal, because the sum of doubles depends on the order of rows.
    {{ exact_decimal('readings.bpm', 9, 3) }} as bpm,
    -- What the reading stands for: until the next one or the stop, ten seconds at most.
    cast(least(
        10,
        {{ seconds_between(
            'readings.measured_at', 'least(coalesce(readings.next_measured_at, workout_days.stopped_at), workout_days.stopped_at)'
        ) }}
    ) as bigint) as weight_seconds,
    readings.measured_at
from readings
inner join workout_days
    on
        readings.device_id = workout_days.device_id
        and cast(readings.measured_at as date) = workout_days.utc_date
        and readings.measured_at > workout_days.started_at
        and readings.measured_at <= workout_days.stopped_at
        and readings.measured_at >= workout_days.owned_from
        and readings.measured_at < workout_days.owned_to
