{{ config(materialized='view') }}

with products as (

    select * from {{ ref('stg_shop__products') }}

)

select
    *,
    case
        when price_amount < 0 or cost_amount < 0 then 'negative_price'
    end as quarantine_rule
from products
