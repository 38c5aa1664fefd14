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

located as (

    select
        check_ins.*,
        sessions.gym_id,
        sessions.class_session_id is not null as is_known_session,
        sessions.ends_at,
        coalesce(sessions.time_zone, '{{ var("default_time_zone") }}') as time_zone
    from check_ins
    left join sessions
        on check_ins.class_session_id = sessions.class_session_id

),

zone_days as (

    {{ zone_days('located', 'checked_in_at') }}

)

select
    located.check_in_id,
    located.class_session_id,
    located.member_id,
    bookings.booking_id,
    located.gym_id,
    -- A booking that nobody knows of entitles to nothing: its check-in is a walk-in until the booking arrives.
    bookings.booking_id is null as is_walk_in,
    members.member_id is not null as is_known_member,
    located.is_known_session,
    {{ zoned_date('located', 'checked_in_at') }} as business_date,
    located.checked_in_at,
    located.ends_at
from located
left join zone_days
    on {{ on_zone_day('located', 'checked_in_at') }}
left join bookings
    on located.booking_id = bookings.booking_id
left join members
    on located.member_id = members.member_id
