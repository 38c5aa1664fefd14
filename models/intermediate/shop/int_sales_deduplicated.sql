with judged as (

    select * from {{ ref('int_sales_judged') }}
    where quarantine_rule is null

),

-- The newest row of a line wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by sale_id, line_number
            order by
                sold_at desc nulls last,
                gym_id desc nulls last,
                till_id desc nulls last,
                member_id desc nulls last,
                sku desc nulls last,
                currency desc nulls last,
                quantity desc nulls last,
                price_amount desc nulls last,
                discount_amount desc nulls last,
                tax_amount desc nulls last
        ) as newness,
        count(*) over (partition by sale_id, line_number) as copies_count
    from judged

)

select
    sale_id,
    line_number,
    gym_id,
    till_id,
    member_id,
    sku,
    currency,
    quantity,
    price_amount,
    discount_amount,
    tax_amount,
    copies_count,
    sold_at
from ranked
where newness = 1
