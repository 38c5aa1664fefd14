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

located as (

    select
        gym_logins.*,
        locations.time_zone
    from gym_logins
    inner join locations
        on gym_logins.gym_id = locations.gym_id

),

zone_days as (

    {{ zone_days('located', 'login_at') }}

)

select
    located.gym_login_key,
    located.gym_id,
    located.mac_address,
    mac_owners.device_id,
    mac_owners.member_id,
    located.time_zone,
    located.is_open,
    mac_owners.member_id is not null as is_registered_device,
    {{ zoned_date('located', 'login_at') }} as business_date,
    located.login_date,
    located.login_at,
    located.logout_at,
    -- Until when a workout may begin and still belong to this stay.
    least(
        coalesce(located.logout_at, located.open_until),
        {{ add_seconds('located.login_at', var('longest_stay_hours') ~ ' * 3600') }}
    ) as takes_workouts_until
from located
left join zone_days
    on {{ on_zone_day('located', 'login_at') }}
left join mac_owners
    on
        located.mac_address = mac_owners.mac_address
        and located.login_at >= mac_owners.owned_from
        and located.login_at < mac_owners.owned_to
