{{ config(materialized='view') }}

with equipment_sessions as (

    select * from {{ ref('stg_devices__equipment_sessions') }}

)

-- Nobody uses a machine longer than this: it was not told that somebody left.
select
    *,
    cast(started_at as date) as started_date,
    case
        when started_at is null or not {{ is_plausible_time('started_at') }} then 'started_at_out_of_range'
        when ended_at is null then 'equipment_without_end'
        when ended_at <= started_at then 'equipment_backward'
        when {{ seconds_between('started_at', 'ended_at') }} > {{ var('longest_equipment_hours') }} * 3600
            then 'equipment_too_long'
        when set_count not between 0 and 1000 or repetition_count not between 0 and 10000 then 'count_out_of_range'
        when load_kg not between 0 and 1000 then 'load_out_of_range'
    end as quarantine_rule
from equipment_sessions
