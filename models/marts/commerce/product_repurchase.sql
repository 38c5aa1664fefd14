with as_of as (

    select * from {{ ref('int_as_of') }}

),

-- The days on which a member bought a product; several pieces on one day are one purchase.
purchase_days as (

    select distinct
        product_sku,
        member_id,
        sale_date
    from {{ ref('fct_sale') }}
    where
        kind = 'sale'
        and is_known_member
        and product_sku is not null

),

numbered as (

    select
        *,
        row_number() over (partition by product_sku, member_id order by sale_date) as purchase_number
    from purchase_days

),

buyers as (

    select
        product_sku,
        member_id,
        min(sale_date) as first_date,
        min(sale_date) filter (where purchase_number = 2) as second_date
    from numbered
    group by product_sku, member_id

),

measured as (

    select
        buyers.product_sku,
        buyers.second_date is not null as is_repeated,
        {{ day_number('buyers.second_date') }} - {{ day_number('buyers.first_date') }} as days_to_second,
        {{ day_number('as_of.as_of_date') }} - {{ day_number('buyers.first_date') }} >= 90 as is_observed
    from buyers
    cross join as_of

),

summed as (

    select
        product_sku,
        count(*) as buyer_count,
        count(*) filter (where is_repeated) as repeat_buyer_count,
        cast(sum(days_to_second) as bigint) as days_to_second,
        count(*) filter (where is_observed) as observed_buyer_count,
        count(*) filter (where is_observed and days_to_second <= 90) as repurchased_90d_count
    from measured
    group by product_sku

)

select
    product_sku,
    buyer_count,
    repeat_buyer_count,
    observed_buyer_count,
    repurchased_90d_count,
    cast(repeat_buyer_count as double) / buyer_count as repurchase_rate,
    cast(days_to_second as double) / nullif(repeat_buyer_count, 0) as mean_days_to_second,
    cast(repurchased_90d_count as double) / nullif(observed_buyer_count, 0) as repurchase_90d_rate
from summed
