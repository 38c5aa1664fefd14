{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'started_date',
        'reads': {
            'int_machines_conformed': {'key': 'machine_id', 'through': 'int_equipment_sessions_deduplicated'},
            'int_members_known': {'key': 'member_id', 'through': 'int_equipment_sessions_deduplicated'},
        },
    },
) }}

with equipment_sessions as (

    select * from {{ touched('int_equipment_sessions_deduplicated') }}

),

machines as (

    select * from {{ ref('int_machines_conformed') }}

),

members as (

    select * from {{ ref('int_members_known') }}

),

located as (

    select
        equipment_sessions.*,
        machines.gym_id,
        coalesce(machines.machine_type, 'unmapped') as machine_type,
        coalesce(machines.muscle_group, 'unmapped') as muscle_group,
        members.member_id is not null as is_known_member,
        coalesce(machines.is_known_machine, false) as is_known_machine,
        coalesce(machines.is_unmapped_machine_type, true) as is_unmapped_machine_type,
        coalesce(machines.time_zone, '{{ var("default_time_zone") }}') as time_zone
    from equipment_sessions
    left join machines
        on equipment_sessions.machine_id = machines.machine_id
    left join members
        on equipment_sessions.member_id = members.member_id

),

zone_days as (

    {{ zone_days('located', 'started_at') }}

)

select
    located.equipment_session_key,
    located.member_id,
    located.machine_id,
    located.gym_id,
    located.machine_type,
    located.muscle_group,
    located.set_count,
    located.repetition_count,
    located.load_kg,
    {{ seconds_between('located.started_at', 'located.ended_at') }} as session_seconds,
    located.is_known_member,
    located.is_known_machine,
    located.is_unmapped_machine_type,
    located.started_at,
    located.ended_at,
    {{ zoned_date('located', 'started_at') }} as session_date,
    located.started_date
from located
left join zone_days
    on {{ on_zone_day('located', 'started_at') }}
