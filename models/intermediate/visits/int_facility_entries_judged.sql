{{ config(materialized='view') }}

with facility_entries as (

    select * from {{ ref('stg_club__facility_entries') }}

)

select
    *,
    case
        when not {{ is_plausible_time('entered_at') }} then 'entered_at_out_of_range'
        when left_at < entered_at then 'left_before_entered'
    end as quarantine_rule
from facility_entries
