-- Whoever has a profile or a device is a member to us, in whichever order the two arrive.
with profiles as (

    select distinct member_id from {{ ref('int_member_profile_changes_deduplicated') }}

),

devices as (

    select distinct member_id from {{ ref('int_devices_registered') }}

)

select member_id from profiles
union
select member_id from devices
