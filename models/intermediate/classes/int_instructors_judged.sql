{{ config(materialized='view') }}

with instructors as (

    select * from {{ ref('stg_club__instructors') }}

)

select
    *,
    case
        when left_date < hired_date then 'left_before_hired'
    end as quarantine_rule
from instructors
