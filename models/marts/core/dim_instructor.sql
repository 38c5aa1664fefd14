with instructors as (

    select * from {{ ref('int_instructors_deduplicated') }}

),

sessions as (

    select * from {{ ref('int_class_sessions_conformed') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- Whoever teaches is an instructor, also before the list of them says so.
known as (

    select instructor_id from instructors
    union
    select sessions.instructor_id
    from sessions
    inner join as_of
        on sessions.class_date <= as_of.as_of_date
    where sessions.instructor_id is not null

)

select
    {{ surrogate_key(["'instructor'", 'known.instructor_id']) }} as instructor_key,
    known.instructor_id,
    instructors.home_gym_id,
    coalesce(instructors.stage_name, 'unmapped') as stage_name,
    instructors.instructor_id is null as is_unmapped,
    instructors.hired_date,
    instructors.left_date
from known
left join instructors
    on known.instructor_id = instructors.instructor_id
