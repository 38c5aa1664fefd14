{{ config(materialized='view') }}

with devices as (

    select * from {{ ref('stg_devices__registered_devices') }}

)

select
    *,
    case
        when registered_at is null then 'registered_at_out_of_range'
    end as quarantine_rule
from devices
where {{ until_as_of('cast(registered_at as date)') }}
