with judged as (

    select * from {{ ref('int_products_judged') }}
    where quarantine_rule is null

),

-- The newest row of a product wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by product_sku
            order by
                updated_at desc nulls last,
                product_name desc nulls last,
                product_category desc nulls last,
                currency desc nulls last,
                price_amount desc nulls last,
                cost_amount desc nulls last
        ) as newness,
        count(*) over (partition by product_sku) as copies_count
    from judged

)

select
    product_sku,
    product_name,
    product_category,
    currency,
    price_amount,
    cost_amount,
    copies_count,
    updated_at
from ranked
where newness = 1
