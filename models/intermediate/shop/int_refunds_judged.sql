{{ config(materialized='view') }}

with refunds as (

    select * from {{ ref('stg_shop__refunds') }}

)

-- The first broken rule names the row.
select
    *,
    case
        when coalesce(quantity <= 0, true) then 'non_positive_quantity'
        when refund_amount < 0 then 'negative_price'
        when refund_amount is null then 'price_missing'
    end as quarantine_rule
from refunds
