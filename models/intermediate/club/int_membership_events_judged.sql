{{ config(materialized='view') }}

with membership_events as (

    select * from {{ ref('stg_club__membership_events') }}

)

-- The first broken rule names the row.
select
    *,
    case
        when event_type not in ('join', 'pause', 'resume', 'upgrade', 'downgrade', 'cancel') then 'unknown_event_type'
        when price_amount < 0 or discount_amount < 0 then 'negative_price'
        when discount_amount > price_amount then 'discount_over_price'
        when price_amount is null and event_type != 'cancel' then 'price_missing'
    end as quarantine_rule
from membership_events
