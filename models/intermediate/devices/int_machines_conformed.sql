with machines as (

    select * from {{ ref('int_machines_deduplicated') }}

),

equipment_sessions as (

    select distinct machine_id from {{ ref('int_equipment_sessions_deduplicated') }}
    where {{ until_as_of('started_date') }}

),

muscle_groups as (

    select * from {{ ref('muscle_groups') }}

),

locations as (

    select * from {{ ref('int_locations_conformed') }}

),

-- A machine that sends sessions is one, whether a list names it or not.
known as (

    select machine_id from machines
    union
    select machine_id from equipment_sessions

)

select
    known.machine_id,
    locations.gym_id,
    coalesce(machines.machine_type, 'unmapped') as machine_type,
    machines.machine_model,
    coalesce(muscle_groups.muscle_group, 'unmapped') as muscle_group,
    coalesce(locations.time_zone, '{{ var("default_time_zone") }}') as time_zone,
    machines.machine_id is not null as is_known_machine,
    locations.gym_id is not null as is_known_gym,
    muscle_groups.machine_type is null as is_unmapped_machine_type,
    machines.installed_date,
    machines.in_service_date
from known
left join machines
    on known.machine_id = machines.machine_id
left join muscle_groups
    on machines.machine_type = muscle_groups.machine_type
left join locations
    on machines.gym_id = locations.gym_id
