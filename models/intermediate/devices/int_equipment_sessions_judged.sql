{{ config(materialized='view') }}

with equipment_sessions as (

    select * from {{ ref('stg_devices__equipment_sessions') }}

)

-- Nobody uses a machine longer than this: it was not told that somebody left.
select
    *,
    cast(started_at as date) as started_date,
    case
        when started_at is null then 'started_at_out_of_range'
        when ended_at is null then 'equipment_without_end'
        when ended_at <= started_at then 'equipment_backward'
        when {{ seconds_between('started_at', 'ended_at') }} > {{ var('longest_equipment_hours') }} * 3600
            then 'equipment_too_long'
    end as quarantine_rule
from equipment_sessions
