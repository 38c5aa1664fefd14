with judged as (

    select * from {{ ref('int_membership_events_judged') }}
    where quarantine_rule is null

),

-- The newest row of an event wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by membership_event_id
            order by
                event_at desc nulls last,
                membership_id desc nulls last,
                member_id desc nulls last,
                gym_id desc nulls last,
                plan_code desc nulls last,
                event_type desc nulls last,
                price_amount desc nulls last,
                discount_amount desc nulls last,
                effective_date desc nulls last
        ) as newness,
        count(*) over (partition by membership_event_id) as copies_count
    from judged

)

select
    membership_event_id,
    membership_id,
    member_id,
    gym_id,
    plan_code,
    event_type,
    price_amount,
    discount_amount,
    copies_count,
    effective_date,
    event_at
from ranked
where newness = 1
