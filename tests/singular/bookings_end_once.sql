-- Every booking of a session until today stands once in the attendance, every walk-in too, and nothing else does.
with as_of as (

    select * from {{ ref('int_as_of') }}

),

expected as (

    select
        'booking' as kind,
        bookings.booking_id as id,
        bookings.class_session_id
    from {{ ref('int_bookings_deduplicated') }} as bookings
    union all
    select
        'walk_in' as kind,
        check_ins.check_in_id as id,
        check_ins.class_session_id
    from {{ ref('int_class_check_ins_conformed') }} as check_ins
    where check_ins.is_walk_in

),

until_today as (

    select
        expected.kind,
        expected.id
    from expected
    cross join as_of
    inner join {{ ref('int_class_sessions_conformed') }} as sessions
        on expected.class_session_id = sessions.class_session_id
    where sessions.class_date <= as_of.as_of_date

),

attendance as (

    select
        case when is_walk_in then 'walk_in' else 'booking' end as kind,
        case when is_walk_in then check_in_id else booking_id end as id
    from {{ ref('fct_class_attendance') }}
    where is_known_session

),

both_sides as (

    select
        kind,
        id,
        1 as expected_count,
        0 as found_count
    from until_today
    union all
    select
        kind,
        id,
        0 as expected_count,
        1 as found_count
    from attendance

)

select
    kind,
    id,
    sum(expected_count) as expected_count,
    sum(found_count) as found_count
from both_sides
group by kind, id
having sum(expected_count) != 1 or sum(found_count) != 1
