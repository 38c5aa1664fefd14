with recognised as (

    select
        revenue_date,
        gym_id,
        'membership' as revenue_stream,
        currency,
        net_amount
    from {{ ref('int_membership_revenue_recognised') }}
    union all
    select
        revenue_date,
        gym_id,
        'class' as revenue_stream,
        currency,
        net_amount
    from {{ ref('revenue_by_class') }}
    union all
    select
        sale_date as revenue_date,
        gym_id,
        'shop' as revenue_stream,
        currency,
        net_amount
    from {{ ref('fct_sale') }}

),

summed as (

    select
        revenue_date,
        gym_id,
        revenue_stream,
        currency,
        cast(sum(net_amount) as decimal(18, 2)) as net_amount
    from recognised
    group by revenue_date, gym_id, revenue_stream, currency

)

select
    {{ surrogate_key(["'revenue'", 'revenue_date', 'gym_id', 'revenue_stream', 'currency']) }} as revenue_key,
    gym_id,
    revenue_stream,
    currency,
    net_amount,
    revenue_date
from summed
