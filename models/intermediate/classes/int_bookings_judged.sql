{{ config(materialized='view') }}

with bookings as (

    select * from {{ ref('stg_club__bookings') }}

)

select
    *,
    case
        when paid_amount < 0 then 'negative_price'
        when cancelled_at < booked_at then 'cancelled_before_booked'
    end as quarantine_rule
from bookings
