{{ config(materialized='view') }}

with sales as (

    select * from {{ ref('stg_shop__sales') }}

)

-- The first broken rule names the row.
select
    *,
    case
        when coalesce(quantity <= 0, true) then 'non_positive_quantity'
        when quantity > 10000 then 'quantity_out_of_range'
        when price_amount < 0 or discount_amount < 0 then 'negative_price'
        when price_amount is null then 'price_missing'
        when discount_amount > quantity * price_amount then 'discount_over_price'
    end as quarantine_rule
from sales
