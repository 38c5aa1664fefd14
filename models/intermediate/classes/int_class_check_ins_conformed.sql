{%- set zone = "coalesce(sessions.time_zone, '" ~ var('default_time_zone') ~ "')" %}

with check_ins as (

    select * from {{ ref('int_class_check_ins_deduplicated') }}

),

sessions as (

    select * from {{ ref('int_class_sessions_conformed') }}

),

bookings as (

    select booking_id from {{ ref('int_bookings_deduplicated') }}

),

members as (

    select member_id from {{ ref('int_members_known') }}

),

zone_days as (

    {{ zone_days('sessions', 'check_ins', 'checked_in_at') }}

)

select
    check_ins.check_in_id,
    check_ins.class_session_id,
    check_ins.member_id,
    bookings.booking_id,
    sessions.gym_id,
    -- A booking that nobody knows of entitles to nothing: its check-in is a walk-in until the booking arrives.
    bookings.booking_id is null as is_walk_in,
    members.member_id is not null as is_known_member,
    sessions.class_session_id is not null as is_known_session,
    {{ zoned_date('check_ins.checked_in_at', zone) }} as business_date,
    check_ins.checked_in_at,
    sessions.ends_at
from check_ins
left join sessions
    on check_ins.class_session_id = sessions.class_session_id
left join bookings
    on check_ins.booking_id = bookings.booking_id
left join members
    on check_ins.member_id = members.member_id
left join zone_days
    on {{ on_zone_day('check_ins.checked_in_at', zone) }}
