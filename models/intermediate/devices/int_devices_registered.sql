with judged as (

    select * from {{ ref('int_devices_judged') }}
    where quarantine_rule is null

),

-- One registration per user and device; the first wins.
ranked as (

    select
        *,
        row_number() over (
            partition by member_id, device_id order by registered_at, mac_address nulls last
        ) as registration_rank,
        count(*) over (partition by member_id, device_id) as copies_count
    from judged

)

select
    member_id,
    device_id,
    mac_address,
    copies_count,
    registered_at
from ranked
where registration_rank = 1
