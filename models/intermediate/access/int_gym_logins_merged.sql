{{ config(
    materialized='sliced',
    meta={'slice_by': 'login_date', 'reads': {'access.gym_logins': {'epoch': 'login_epoch'}}},
) }}

with judged as (

    select * from {{ touched('int_gym_logins_judged') }}
    where quarantine_rule is null

),

-- The same stay is exported again once its logout is known; a logout that is not after the login says nothing.
merged as (

    select
        mac_address,
        gym_id,
        login_epoch,
        login_at,
        login_date,
        max(case when logout_at > login_at then logout_at end) as logout_at,
        count(*) as copies_count
    from judged
    group by mac_address, gym_id, login_epoch, login_at, login_date

)

select
    {{ surrogate_key(['mac_address', 'gym_id', 'login_epoch']) }} as gym_login_key,
    mac_address,
    gym_id,
    copies_count,
    logout_at is null as is_open,
    login_at,
    logout_at,
    login_date
from merged
