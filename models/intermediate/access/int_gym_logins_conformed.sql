{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'login_date',
        'reads': {
            'int_gym_logins_merged': {'days': [0, 1]},
            'int_mac_addresses_owned': {'key': 'mac_address', 'through': 'int_gym_logins_merged'},
            'int_locations_conformed': {'key': 'gym_id', 'through': 'int_gym_logins_merged'},
        },
    },
) }}

with merged as (

    select * from {{ touched('int_gym_logins_merged') }}

),

mac_owners as (

    select * from {{ ref('int_mac_addresses_owned') }}

),

locations as (

    select * from {{ ref('int_locations_conformed') }}

),

-- Until when an open stay may last: some hours, or until the same device appears again.
gym_logins as (

    select
        *,
        least(
            {{ add_seconds('login_at', var('open_stay_hours') ~ ' * 3600') }},
            coalesce(
                lead(login_at) over (partition by mac_address order by login_at, gym_id),
                {{ add_seconds('login_at', var('open_stay_hours') ~ ' * 3600') }}
            )
        ) as open_until
    from merged

),

zone_days as (

    {{ zone_days('locations', 'merged', 'login_at') }}

)

select
    gym_logins.gym_login_key,
    gym_logins.gym_id,
    gym_logins.mac_address,
    mac_owners.device_id,
    mac_owners.member_id,
    locations.time_zone,
    gym_logins.is_open,
    mac_owners.member_id is not null as is_registered_device,
    {{ zoned_date('gym_logins.login_at', 'locations.time_zone') }} as business_date,
    gym_logins.login_date,
    gym_logins.login_at,
    gym_logins.logout_at,
    -- Until when a workout may begin and still belong to this stay.
    least(
        coalesce(gym_logins.logout_at, gym_logins.open_until),
        {{ add_seconds('gym_logins.login_at', var('longest_stay_hours') ~ ' * 3600') }}
    ) as takes_workouts_until
from gym_logins
inner join locations
    on gym_logins.gym_id = locations.gym_id
left join zone_days
    on {{ on_zone_day('gym_logins.login_at', 'locations.time_zone') }}
left join mac_owners
    on
        gym_logins.mac_address = mac_owners.mac_address
        and gym_logins.login_at >= mac_owners.owned_from
        and gym_logins.login_at < mac_owners.owned_to
