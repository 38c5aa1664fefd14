{{ config(materialized='view') }}

with class_check_ins as (

    select * from {{ ref('stg_club__class_check_ins') }}

)

select
    *,
    case
        when checked_in_at is null or not {{ is_plausible_time('checked_in_at') }} then 'checked_in_at_out_of_range'
    end as quarantine_rule
from class_check_ins
