{{ config(materialized='view') }}

with class_sessions as (

    select * from {{ ref('stg_club__class_sessions') }}

)

select
    *,
    case
        when not {{ is_plausible_time('starts_at') }} then 'starts_at_out_of_range'
        when ends_at <= starts_at then 'ends_before_it_starts'
        when capacity < 0 then 'negative_capacity'
        when drop_in_amount < 0 then 'negative_price'
        when session_status not in ('scheduled', 'cancelled') then 'unknown_status'
    end as quarantine_rule
from class_sessions
