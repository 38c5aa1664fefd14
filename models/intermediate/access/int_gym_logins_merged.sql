with judged as (

    select * from {{ ref('int_gym_logins_judged') }}
    where quarantine_rule is null

),

-- The same stay is exported again once its logout is known; a logout that is not after the login says nothing.
merged as (

    select
        mac_address,
        gym_id,
        login_epoch,
        login_at,
        max(case when logout_at > login_at then logout_at end) as logout_at,
        count(*) as copies_count
    from judged
    group by mac_address, gym_id, login_epoch, login_at

)

select
    {{ surrogate_key(['mac_address', 'gym_id', 'login_epoch']) }} as gym_login_key,
    mac_address,
    gym_id,
    copies_count,
    logout_at is null as is_open,
    login_at,
    logout_at,
    lead(login_at) over (partition by mac_address order by login_at, gym_id) as next_login_at
from merged
