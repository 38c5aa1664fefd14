{{ config(materialized='view') }}

with class_feedback as (

    select * from {{ ref('stg_feedback__class_feedback') }}

)

select
    *,
    case
        when rating not between 1 and 5 then 'rating_out_of_range'
        when would_recommend not between 0 and 10 then 'would_recommend_out_of_range'
    end as quarantine_rule
from class_feedback
