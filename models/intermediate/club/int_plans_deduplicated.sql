with judged as (

    select * from {{ ref('int_plans_judged') }}
    where quarantine_rule is null

),

-- The newest row of a plan wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by plan_code
            order by
                updated_at desc nulls last,
                plan_name desc nulls last,
                billing_period desc nulls last,
                currency desc nulls last,
                price_amount desc nulls last,
                is_complimentary desc nulls last,
                includes_classes desc nulls last
        ) as newness,
        count(*) over (partition by plan_code) as copies_count
    from judged

)

select
    plan_code,
    plan_name,
    billing_period,
    currency,
    price_amount,
    copies_count,
    is_complimentary,
    includes_classes,
    updated_at
from ranked
where newness = 1
