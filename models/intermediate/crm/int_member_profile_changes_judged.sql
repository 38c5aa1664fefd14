{{ config(materialized='view') }}

with changes as (

    select * from {{ ref('stg_crm__profile_changes') }}

)

select
    *,
    case
        when changed_at is null then 'changed_at_out_of_range'
        when update_type not in ('new', 'update', 'delete') then 'unknown_update_type'
    end as quarantine_rule
from changes
where {{ until_as_of('cast(changed_at as date)') }}
