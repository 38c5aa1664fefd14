{{ config(materialized='view') }}

with gym_logins as (

    select * from {{ ref('stg_access__gym_logins') }}

)

select
    *,
    cast(login_at as date) as login_date,
    case
        when login_at is null then 'login_out_of_range'
    end as quarantine_rule
from gym_logins
