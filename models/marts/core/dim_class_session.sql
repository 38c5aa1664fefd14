with sessions as (

    select * from {{ ref('int_class_sessions_conformed') }}

),

attendance as (

    select * from {{ ref('fct_class_attendance') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- The schedule until today. What it plans is no fact yet.
past as (

    select sessions.*
    from sessions
    inner join as_of
        on sessions.class_date <= as_of.as_of_date

),

-- A session that somebody booked or came to is one, also before the schedule tells of it.
known as (

    select class_session_id from past
    union
    select class_session_id from attendance

)

select
    {{ surrogate_key(["'class_session'", 'known.class_session_id']) }} as class_session_key,
    known.class_session_id,
    past.class_type_code,
    past.instructor_id,
    past.gym_id,
    past.week_part,
    past.currency,
    past.capacity,
    past.drop_in_amount,
    past.hour_of_day,
    past.is_cancelled,
    past.class_session_id is null as is_unmapped,
    past.class_date,
    past.starts_at,
    past.ends_at
from known
left join past
    on known.class_session_id = past.class_session_id
