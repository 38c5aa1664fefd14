with devices as (

    select * from {{ ref('int_devices_registered') }}

)

select
    {{ surrogate_key(["'device'", 'member_id', 'device_id']) }} as device_key,
    {{ member_key('member_id') }} as member_key,
    member_id,
    device_id,
    mac_address,
    registered_at
from devices
