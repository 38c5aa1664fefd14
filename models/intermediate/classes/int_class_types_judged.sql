{{ config(materialized='view') }}

with class_types as (

    select * from {{ ref('stg_club__class_types') }}

)

select
    *,
    case
        when {{ trimmed('class_type_code') }} = '' then 'class_type_code_blank'
    end as quarantine_rule
from class_types
