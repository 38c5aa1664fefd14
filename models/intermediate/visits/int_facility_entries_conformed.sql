with entries as (

    select * from {{ ref('int_facility_entries_deduplicated') }}

),

locations as (

    select * from {{ ref('int_locations_conformed') }}

),

members as (

    select member_id from {{ ref('int_members_known') }}

),

placed as (

    select
        entries.*,
        members.member_id is not null as is_known_member,
        coalesce(locations.time_zone, '{{ var("default_time_zone") }}') as time_zone
    from entries
    left join locations
        on entries.gym_id = locations.gym_id
    left join members
        on entries.member_id = members.member_id

)

select
    facility_entry_id,
    member_id,
    gym_id,
    facility,
    {{ local_hour('entered_at', 'time_zone') }} as hour_of_day,
    is_known_member,
    {{ local_date('entered_at', 'time_zone') }} as business_date,
    entered_at,
    left_at
from placed
