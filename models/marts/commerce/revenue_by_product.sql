with lines as (

    select * from {{ ref('fct_sale') }}

),

summed as (

    select
        sale_date as revenue_date,
        gym_id,
        coalesce(product_sku, 'unmapped') as product_sku,
        currency,
        cast(coalesce(sum(quantity) filter (where kind = 'sale'), 0) as bigint) as sold_quantity,
        cast(sum(quantity) as bigint) as net_quantity,
        cast(coalesce(sum(net_amount) filter (where kind = 'sale'), 0) as decimal(18, 2)) as sales_amount,
        cast(coalesce(-sum(net_amount) filter (where kind = 'refund'), 0) as decimal(18, 2)) as refunds_amount,
        cast(sum(net_amount) as decimal(18, 2)) as net_amount
    from lines
    group by sale_date, gym_id, coalesce(product_sku, 'unmapped'), currency

)

select
    {{ surrogate_key(["'revenue_by_product'", 'revenue_date', 'gym_id', 'product_sku', 'currency']) }}
        as revenue_by_product_key,
    gym_id,
    product_sku,
    currency,
    sold_quantity,
    net_quantity,
    sales_amount,
    refunds_amount,
    net_amount,
    product_sku = 'unmapped' as is_unmapped,
    revenue_date
from summed
