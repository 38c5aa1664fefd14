with attendance as (

    select * from {{ ref('fct_class_attendance') }}
    where outcome = 'attended' and is_known_member and is_known_session

),

-- Who was signed in twice to one session was there once.
sessions as (

    select distinct
        member_key,
        member_id,
        class_session_id,
        class_type_code,
        instructor_id,
        gym_id,
        class_date,
        starts_at
    from attendance

),

numbered as (

    select
        *,
        row_number() over (partition by member_id order by class_date, starts_at, class_session_id) as class_number
    from sessions

),

first_classes as (

    select * from numbered
    where class_number = 1

),

second_classes as (

    select * from numbered
    where class_number = 2

)

select
    first_classes.member_key,
    first_classes.member_id,
    first_classes.class_session_id as first_class_session_id,
    second_classes.class_session_id as second_class_session_id,
    first_classes.class_type_code as first_class_type_code,
    second_classes.class_type_code as second_class_type_code,
    first_classes.instructor_id as first_instructor_id,
    second_classes.instructor_id as second_instructor_id,
    first_classes.gym_id as first_gym_id,
    second_classes.gym_id as second_gym_id,
    {{ day_number('second_classes.class_date') }}
    - {{ day_number('first_classes.class_date') }} as days_to_second_class,
    first_classes.class_date as first_class_date,
    second_classes.class_date as second_class_date
from first_classes
left join second_classes
    on first_classes.member_id = second_classes.member_id
