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

{%- set zone = "coalesce(machines.time_zone, '" ~ var('default_time_zone') ~ "')" %}

with equipment_sessions as (

    select * from {{ touched('int_equipment_sessions_deduplicated') }}

),

machines as (

    select * from {{ ref('int_machines_conformed') }}

),

members as (

    select * from {{ ref('int_members_known') }}

),

zone_days as (

    {{ zone_days('machines', 'equipment_sessions', 'started_at') }}

)

select
    equipment_sessions.equipment_session_key,
    equipment_sessions.member_id,
    equipment_sessions.machine_id,
    machines.gym_id,
    coalesce(machines.machine_type, 'unmapped') as machine_type,
    coalesce(machines.muscle_group, 'unmapped') as muscle_group,
    equipment_sessions.set_count,
    equipment_sessions.repetition_count,
    equipment_sessions.load_kg,
    {{ seconds_between('equipment_sessions.started_at', 'equipment_sessions.ended_at') }} as session_seconds,
    members.member_id is not null as is_known_member,
    coalesce(machines.is_known_machine, false) as is_known_machine,
    coalesce(machines.is_unmapped_machine_type, true) as is_unmapped_machine_type,
    equipment_sessions.started_at,
    equipment_sessions.ended_at,
    {{ zoned_date('equipment_sessions.started_at', zone) }} as session_date,
    equipment_sessions.started_date
from equipment_sessions
left join machines
    on equipment_sessions.machine_id = machines.machine_id
left join members
    on equipment_sessions.member_id = members.member_id
left join zone_days
    on {{ on_zone_day('equipment_sessions.started_at', zone) }}
