with as_of as (

    select * from {{ ref('int_as_of') }}

),

sales as (

    select
        *,
        coalesce(product_sku, 'unmapped') as known_sku,
        {{ iso_week_start('sale_date') }} as week_start_date
    from {{ ref('fct_sale') }}

),

sold as (

    select
        known_sku,
        gym_id,
        week_start_date,
        sum(case when kind = 'sale' then quantity else 0 end) as sold_quantity,
        -sum(case when kind = 'refund' then quantity else 0 end) as refunded_quantity,
        sum(net_amount) as net_amount
    from sales
    group by known_sku, gym_id, week_start_date

),

spans as (

    select
        known_sku,
        gym_id,
        max(currency) as currency,
        max(case when is_known_gym then 1 else 0 end) = 1 as is_known_gym,
        min(week_start_date) as first_week,
        max(week_start_date) as last_week
    from sales
    group by known_sku, gym_id

),

days as (

    select
        known_sku,
        gym_id,
        currency,
        is_known_gym,
        {{ explode_days('first_week', 'last_week') }} as week_start_date
    from spans

),

weeks as (

    select * from days
    where {{ iso_weekday('week_start_date') }} = 1

)

-- A week without a sale sold nothing: the gap is a number, too.
select
    {{ surrogate_key(["'product week'", 'weeks.known_sku', 'weeks.gym_id', 'weeks.week_start_date']) }}
        as product_week_key,
    weeks.gym_id,
    weeks.known_sku as product_sku,
    weeks.currency,
    cast(coalesce(sold.sold_quantity, 0) as bigint) as sold_quantity,
    cast(coalesce(sold.refunded_quantity, 0) as bigint) as refunded_quantity,
    cast(coalesce(sold.net_amount, 0) as decimal(18, 2)) as net_amount,
    weeks.is_known_gym,
    {{ add_days('weeks.week_start_date', 6) }} <= as_of.as_of_date as is_complete_week,
    weeks.week_start_date
from weeks
cross join as_of
left join sold
    on
        weeks.known_sku = sold.known_sku
        and weeks.gym_id = sold.gym_id
        and weeks.week_start_date = sold.week_start_date
