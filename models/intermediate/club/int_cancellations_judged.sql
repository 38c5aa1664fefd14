{{ config(materialized='view') }}

with cancellations as (

    select * from {{ ref('stg_club__cancellations') }}

)

select
    *,
    case
        when effective_date is null then 'effective_date_missing'
    end as quarantine_rule
from cancellations
