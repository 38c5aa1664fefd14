with judged as (

    select * from {{ ref('int_machines_judged') }}
    where quarantine_rule is null

),

-- The newest row of a machine wins; equal times are settled by content, so that arrival order cannot matter. One that
-- was replaced keeps its number, so its place is in service since the first.
ranked as (

    select
        *,
        row_number() over (
            partition by machine_id
            order by
                updated_at desc,
                gym_id desc nulls last,
                machine_type desc nulls last,
                machine_model desc nulls last,
                installed_date desc nulls last
        ) as newness,
        min(installed_date) over (partition by machine_id) as in_service_date,
        count(*) over (partition by machine_id) as copies_count
    from judged

)

select
    machine_id,
    gym_id,
    machine_type,
    machine_model,
    copies_count,
    installed_date,
    in_service_date,
    updated_at
from ranked
where newness = 1
