{{ config(materialized='view') }}

with invoices as (

    select * from {{ ref('stg_club__invoices') }}

)

-- The first broken rule names the row.
select
    *,
    case
        when net_amount < 0 or tax_amount < 0 then 'negative_price'
        when coalesce(invoice_kind, '') not in ('membership', 'fee') then 'unknown_kind'
        when net_amount is null then 'price_missing'
        when coalesce(period_to_date <= period_from_date, true) then 'period_without_days'
    end as quarantine_rule
from invoices
