with equipment_sessions as (

    select * from {{ ref('int_equipment_sessions_conformed') }}
    where {{ until_as_of('session_date') }}

),

machines as (

    select * from {{ ref('int_machines_conformed') }}
    where is_known_machine

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

days as (

    select
        coalesce(gym_id, -1) as gym_id,
        machine_type,
        muscle_group,
        session_date,
        count(*) as session_count,
        count(distinct member_id) as member_count,
        sum(set_count) as set_count,
        sum(repetition_count) as repetition_count,
        sum(session_seconds) as used_seconds
    from equipment_sessions
    group by coalesce(gym_id, -1), machine_type, muscle_group, session_date

),

-- Idle days count too, from the first day on which any machine told anything.
first_session as (

    select min(session_date) as first_date from equipment_sessions

),

in_service as (

    select
        coalesce(machines.gym_id, -1) as gym_id,
        machines.machine_type,
        machines.muscle_group,
        {{ explode_days(
            'greatest(first_session.first_date, coalesce(machines.in_service_date, first_session.first_date))',
            'as_of.as_of_date'
        ) }} as session_date
    from machines
    cross join first_session
    cross join as_of
    where first_session.first_date is not null

),

standing as (

    select
        gym_id,
        machine_type,
        muscle_group,
        session_date,
        count(*) as machine_count
    from in_service
    group by gym_id, machine_type, muscle_group, session_date

),

known as (

    select
        gym_id,
        machine_type,
        muscle_group,
        session_date
    from days
    union
    select
        gym_id,
        machine_type,
        muscle_group,
        session_date
    from standing

)

select
    {{ surrogate_key(["'equipment day'", 'known.gym_id', 'known.machine_type', 'known.session_date']) }}
        as equipment_day_key,
    known.gym_id,
    known.machine_type,
    known.muscle_group,
    known.session_date,
    coalesce(standing.machine_count, 0) as machine_count,
    coalesce(days.session_count, 0) as session_count,
    coalesce(days.member_count, 0) as member_count,
    cast(coalesce(days.set_count, 0) as bigint) as set_count,
    cast(coalesce(days.repetition_count, 0) as bigint) as repetition_count,
    cast(coalesce(days.used_seconds, 0) as double) / 60 as minutes_used,
    cast(coalesce(days.used_seconds, 0) as double)
    / (nullif(standing.machine_count, 0) * {{ var('opening_hours') }} * 3600) as utilisation_rate
from known
left join days
    on
        known.gym_id = days.gym_id
        and known.machine_type = days.machine_type
        and known.session_date = days.session_date
left join standing
    on
        known.gym_id = standing.gym_id
        and known.machine_type = standing.machine_type
        and known.session_date = standing.session_date
