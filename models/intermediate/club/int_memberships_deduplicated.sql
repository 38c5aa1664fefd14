with judged as (

    select * from {{ ref('int_memberships_judged') }}
    where quarantine_rule is null

),

-- The newest row of a membership wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by membership_id
            order by
                updated_at desc nulls last,
                member_id desc nulls last,
                gym_id desc nulls last,
                plan_code desc nulls last,
                price_amount desc nulls last,
                discount_amount desc nulls last,
                started_date desc nulls last,
                ended_date desc nulls last
        ) as newness,
        count(*) over (partition by membership_id) as copies_count
    from judged

)

select
    membership_id,
    member_id,
    gym_id,
    plan_code,
    price_amount,
    discount_amount,
    copies_count,
    started_date,
    ended_date,
    updated_at
from ranked
where newness = 1
