{{ config(materialized='view') }}

with locations as (

    select * from {{ ref('stg_club__locations') }}

)

select
    *,
    case
        when updated_at is null then 'updated_at_out_of_range'
    end as quarantine_rule
from locations
where {{ until_as_of('cast(updated_at as date)') }}
