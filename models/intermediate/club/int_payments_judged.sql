{{ config(materialized='view') }}

with payments as (

    select * from {{ ref('stg_club__payments') }}

)

-- The first broken rule names the row.
select
    *,
    case
        when coalesce(payment_status, '') not in ('settled', 'failed', 'refunded') then 'unknown_status'
        when payment_amount < 0 then 'negative_price'
    end as quarantine_rule
from payments
