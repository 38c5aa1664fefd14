with members as (

    select * from {{ ref('int_members_known') }}

),

profiles as (

    select * from {{ ref('int_member_profiles_current') }}

),

registered as (

    select * from {{ ref('int_members_registered') }}

),

located as (

    select * from {{ ref('int_members_located') }}

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
    located.home_gym_id,
    coalesce(age_bands.age_band, 'unknown') as age_band,
    coalesce(profiles.sex, registered.sex) as sex,
    profiles.gender,
    profiles.city,
    profiles.state,
    profiles.zip,
    registered.lead_source,
    coalesce(devices.device_count, 0) as device_count,
    profiles.member_id is not null as has_profile,
    coalesce(profiles.is_deleted, false) as is_deleted,
    registered.member_id is not null as is_registered,
    registered.joined_date,
    profiles.valid_from as profile_changed_at,
    profiles.deleted_at,
    devices.first_registered_at as first_device_registered_at
from members
cross join as_of
left join profiles
    on members.member_id = profiles.member_id
left join registered
    on members.member_id = registered.member_id
left join located
    on members.member_id = located.member_id
left join devices
    on members.member_id = devices.member_id
left join age_bands
    on
        {{ age_in_years('coalesce(profiles.birth_date, registered.birth_date)', 'as_of.as_of_date') }}
        between age_bands.lowest_age and age_bands.highest_age
