{{ config(materialized='view') }}

with memberships as (

    select * from {{ ref('stg_club__memberships') }}

)

-- The first broken rule names the row.
select
    *,
    case
        when ended_date < started_date then 'ended_before_started'
        when price_amount < 0 or discount_amount < 0 then 'negative_price'
    end as quarantine_rule
from memberships
