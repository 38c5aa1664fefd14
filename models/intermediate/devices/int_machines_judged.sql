{{ config(materialized='view') }}

with machines as (

    select * from {{ ref('stg_devices__machines') }}

)

select
    *,
    case
        when not {{ is_plausible_time('updated_at') }} then 'updated_at_out_of_range'
    end as quarantine_rule
from machines
where {{ until_as_of('cast(updated_at as date)') }}
