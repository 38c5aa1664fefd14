with machines as (

    select * from {{ ref('int_machines_conformed') }}

)

select
    {{ surrogate_key(["'equipment'", 'machine_id']) }} as equipment_key,
    machine_id,
    gym_id,
    machine_type,
    machine_model,
    muscle_group,
    is_known_machine,
    is_unmapped_machine_type,
    installed_date,
    in_service_date
from machines
