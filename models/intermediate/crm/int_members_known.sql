-- Whoever has a profile, a device or a line in the register is a member to us, in whichever order they arrive.
with profiles as (

    select distinct member_id from {{ ref('int_member_profile_changes_deduplicated') }}

),

devices as (

    select distinct member_id from {{ ref('int_devices_registered') }}

),

registered as (

    select member_id from {{ ref('int_members_registered') }}
    where {{ until_as_of('joined_date') }}

)

select member_id from profiles
union
select member_id from devices
union
select member_id from registered
