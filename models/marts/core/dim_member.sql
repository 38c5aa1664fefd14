with members as (

    select * from {{ ref('int_members_known') }}

),

profiles as (

    select * from {{ ref('int_member_profiles_current') }}

),

devices as (

    select
        member_id,
        count(*) as device_count,
        min(registered_at) as first_registered_at
    from {{ ref('int_devices_registered') }}
    group by member_id

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

)

select
    {{ member_key('members.member_id') }} as member_key,
    members.member_id,
    profiles.member_version_key as current_version_key,
    coalesce(age_bands.age_band, 'unknown') as age_band,
    profiles.sex,
    profiles.gender,
    profiles.city,
    profiles.state,
    profiles.zip,
    coalesce(devices.device_count, 0) as device_count,
    profiles.member_id is not null as has_profile,
    coalesce(profiles.is_deleted, false) as is_deleted,
    profiles.valid_from as profile_changed_at,
    profiles.deleted_at,
    devices.first_registered_at as first_device_registered_at
from members
cross join as_of
left join profiles
    on members.member_id = profiles.member_id
left join devices
    on members.member_id = devices.member_id
left join age_bands
    on
        {{ age_in_years('profiles.birth_date', 'as_of.as_of_date') }}
        between age_bands.lowest_age and age_bands.highest_age
