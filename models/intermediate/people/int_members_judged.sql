{{ config(materialized='view') }}

with members as (

    select * from {{ ref('stg_people__members') }}

)

select
    *,
    case
        when birth_date > joined_date then 'born_after_joining'
    end as quarantine_rule
from members
