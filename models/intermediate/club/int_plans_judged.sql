{{ config(materialized='view') }}

with plans as (

    select * from {{ ref('stg_club__plans') }}

)

-- The first broken rule names the row.
select
    *,
    case
        when coalesce(billing_period, '') not in ('weekly', 'four_weekly', 'monthly', 'annual')
            then 'unknown_billing_period'
        when price_amount < 0 then 'negative_price'
    end as quarantine_rule
from plans
