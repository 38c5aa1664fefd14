{%- set latest_early_cancel = add_seconds('sessions.starts_at', '-3600 * ' ~ var('early_cancel_hours')) -%}

with bookings as (

    select * from {{ ref('int_bookings_deduplicated') }}

),

check_ins as (

    select * from {{ ref('int_class_check_ins_conformed') }}

),

sessions as (

    select * from {{ ref('int_class_sessions_conformed') }}

),

members as (

    select member_id from {{ ref('int_members_known') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- Who signs in twice for one booking came once.
answers as (

    select
        *,
        row_number() over (partition by booking_id order by checked_in_at, check_in_id) as answer_number
    from check_ins
    where not is_walk_in

),

-- Where nobody was signed in, nobody kept the list: that a booking has no check-in says nothing then.
signed_in as (

    select distinct class_session_id from check_ins

),

booked as (

    select
        bookings.booking_id,
        answers.check_in_id,
        bookings.class_session_id,
        bookings.member_id,
        case
            when sessions.is_cancelled then 'class_cancelled'
            when answers.check_in_id is not null then 'attended'
            when bookings.cancelled_at <= {{ latest_early_cancel }} then 'early_cancel'
            when bookings.cancelled_at is not null and sessions.class_session_id is not null then 'late_cancel'
            when signed_in.class_session_id is null or sessions.class_session_id is null then 'unknown'
            else 'no_show'
        end as outcome,
        false as is_walk_in,
        bookings.channel,
        bookings.currency,
        bookings.paid_amount,
        bookings.booked_at,
        bookings.cancelled_at,
        answers.checked_in_at
    from bookings
    left join sessions
        on bookings.class_session_id = sessions.class_session_id
    left join answers
        on
            bookings.booking_id = answers.booking_id
            and answers.answer_number = 1
    left join signed_in
        on bookings.class_session_id = signed_in.class_session_id

),

walked_in as (

    select
        cast(null as bigint) as booking_id,
        check_in_id,
        class_session_id,
        member_id,
        'attended' as outcome,
        true as is_walk_in,
        cast(null as string) as channel,
        cast(null as string) as currency,
        cast(null as decimal(12, 2)) as paid_amount,
        cast(null as timestamp) as booked_at,
        cast(null as timestamp) as cancelled_at,
        checked_in_at
    from check_ins
    where is_walk_in

),

came_or_not as (

    select * from booked
    union all
    select * from walked_in

)

select
    {{ surrogate_key(['came_or_not.booking_id', 'case when came_or_not.is_walk_in then came_or_not.check_in_id end']) }}
        as class_attendance_key,
    came_or_not.booking_id,
    came_or_not.check_in_id,
    came_or_not.class_session_id,
    sessions.class_type_code,
    sessions.instructor_id,
    sessions.gym_id,
    case when members.member_id is not null then {{ member_key('came_or_not.member_id') }} end as member_key,
    came_or_not.member_id,
    came_or_not.outcome,
    came_or_not.channel,
    coalesce(came_or_not.currency, sessions.currency) as currency,
    came_or_not.paid_amount,
    cast(
        case
            when came_or_not.outcome in ('early_cancel', 'class_cancelled') then 0
            else coalesce(came_or_not.paid_amount, 0)
        end
        as decimal(12, 2)
    ) as recognised_amount,
    came_or_not.is_walk_in,
    members.member_id is not null as is_known_member,
    sessions.class_session_id is not null as is_known_session,
    sessions.class_date,
    sessions.starts_at,
    came_or_not.booked_at,
    came_or_not.cancelled_at,
    came_or_not.checked_in_at
from came_or_not
cross join as_of
left join sessions
    on came_or_not.class_session_id = sessions.class_session_id
left join members
    on came_or_not.member_id = members.member_id
-- A booking for a session that nobody knows has no day yet; it stays in sight until the schedule tells.
where
    coalesce(
        sessions.class_date <= as_of.as_of_date,
        {{ until_as_of('cast(coalesce(came_or_not.booked_at, came_or_not.checked_in_at) as date)') }}
    )
