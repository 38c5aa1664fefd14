-- Memberships, all kinds of classes and all products together are the day's revenue, gym by gym.
with parts as (

    select
        revenue_date,
        gym_id,
        net_amount
    from {{ ref('int_membership_revenue_recognised') }}
    union all
    select
        revenue_date,
        gym_id,
        net_amount
    from {{ ref('revenue_by_class') }}
    union all
    select
        revenue_date,
        gym_id,
        net_amount
    from {{ ref('revenue_by_product') }}
    union all
    select
        revenue_date,
        gym_id,
        -net_amount as net_amount
    from {{ ref('revenue_daily') }}

)

select
    revenue_date,
    gym_id,
    sum(net_amount) as difference_amount
from parts
group by revenue_date, gym_id
having sum(net_amount) != 0
