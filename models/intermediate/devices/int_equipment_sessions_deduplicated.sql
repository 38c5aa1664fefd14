{{ config(
    materialized='sliced',
    meta={'slice_by': 'started_date', 'reads': {'devices.equipment_sessions': {'epoch': 'started_epoch'}}},
) }}

with judged as (

    select * from {{ touched('int_equipment_sessions_judged') }}
    where quarantine_rule is null

),

-- The longest telling of a session wins, content settles the rest, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by member_id, machine_id, started_epoch
            order by
                ended_at desc,
                set_count desc nulls last,
                repetition_count desc nulls last,
                load_kg desc nulls last
        ) as fullness,
        count(*) over (partition by member_id, machine_id, started_epoch) as copies_count
    from judged

)

select
    {{ surrogate_key(["'equipment session'", 'member_id', 'machine_id', 'started_epoch']) }} as equipment_session_key,
    member_id,
    machine_id,
    set_count,
    repetition_count,
    {{ exact_decimal('load_kg', 12, 3) }} as load_kg,
    copies_count,
    started_at,
    ended_at,
    started_date
from ranked
where fullness = 1
