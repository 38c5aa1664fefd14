with feedback as (

    select * from {{ ref('int_class_feedback_deduplicated') }}

),

sessions as (

    select * from {{ ref('int_class_sessions_conformed') }}

),

member_emails as (

    select * from {{ ref('int_member_emails') }}

)

select
    feedback.response_id,
    feedback.class_session_id,
    member_emails.member_id,
    sessions.gym_id,
    sessions.class_type_code,
    sessions.instructor_id,
    feedback.rating,
    feedback.would_recommend,
    member_emails.member_id is not null as is_known_member,
    sessions.class_session_id is not null as is_known_session,
    -- The day of the class; that of the answer where the schedule does not know the session.
    coalesce(sessions.class_date, cast(feedback.submitted_at as date)) as class_date,
    feedback.submitted_at
from feedback
left join sessions
    on feedback.class_session_id = sessions.class_session_id
left join member_emails
    on feedback.email_hash = member_emails.email_hash
