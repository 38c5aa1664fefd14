with locations as (

    select * from {{ ref('int_locations_deduplicated') }}

),

gym_logins as (

    select distinct gym_id from {{ ref('int_gym_logins_merged') }}
    where {{ until_as_of(local_date('login_at', "'" ~ var('default_time_zone') ~ "'")) }}

),

class_sessions as (

    select distinct gym_id from {{ ref('int_class_sessions_deduplicated') }}
    where
        gym_id is not null
        and {{ until_as_of(local_date('starts_at', "'" ~ var('default_time_zone') ~ "'")) }}

),

facility_entries as (

    select distinct gym_id from {{ ref('int_facility_entries_deduplicated') }}
    where {{ until_as_of(local_date('entered_at', "'" ~ var('default_time_zone') ~ "'")) }}

),

time_zones as (

    select * from {{ ref('time_zones') }}

),

-- A gym that only turnstiles, wristbands or the schedule know is a gym too.
gyms as (

    select gym_id from locations
    union
    select gym_id from gym_logins
    union
    select gym_id from class_sessions
    union
    select gym_id from facility_entries

)

select
    gyms.gym_id,
    locations.location_name,
    locations.city,
    locations.state,
    locations.country,
    coalesce(time_zones.time_zone, '{{ var("default_time_zone") }}') as time_zone,
    locations.gym_id is null as is_unmapped,
    time_zones.time_zone is not null as has_known_time_zone
from gyms
left join locations
    on gyms.gym_id = locations.gym_id
left join time_zones
    on locations.time_zone = time_zones.time_zone
