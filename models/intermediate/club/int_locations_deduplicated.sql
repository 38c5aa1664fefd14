with judged as (

    select * from {{ ref('int_locations_judged') }}
    where quarantine_rule is null

),

-- The newest row of a gym wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by gym_id
            order by
                updated_at desc,
                time_zone desc nulls last,
                location_name desc nulls last,
                city desc nulls last,
                state desc nulls last,
                country desc nulls last
        ) as newness,
        count(*) over (partition by gym_id) as copies_count
    from judged

)

select
    gym_id,
    location_name,
    city,
    state,
    country,
    time_zone,
    copies_count,
    updated_at
from ranked
where newness = 1
