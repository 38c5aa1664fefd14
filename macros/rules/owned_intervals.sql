{#
  Who owned a device when, by one of its identifiers (`device_id`, or `mac_address` as turnstiles see it).

  An owner holds it from the registration until somebody else registers it. The first owner also holds all time
  before, because a device may send before its registration arrives. Intervals of one identifier never overlap.
#}
{% macro owned_intervals(identifier) %}
with registrations as (

    select * from {{ ref('int_devices_registered') }}
    where {{ identifier }} is not null

),

-- Of registrations in the same second the last by number counts; the others own nothing.
ordered as (

    select
        *,
        row_number() over (partition by {{ identifier }} order by registered_at, member_id, device_id) as owner_number,
        lead(registered_at) over (partition by {{ identifier }} order by registered_at, member_id, device_id) as next_registered_at
    from registrations

)

select
    {{ "mac_address,\n    device_id" if identifier == "mac_address" else "device_id,\n    mac_address" }},
    member_id,
    case when owner_number = 1 then cast('1900-01-01' as timestamp) else registered_at end as owned_from,
    coalesce(next_registered_at, cast('9999-12-31' as timestamp)) as owned_to
from ordered
where next_registered_at is null or owner_number = 1 or next_registered_at > registered_at
{% endmacro %}
