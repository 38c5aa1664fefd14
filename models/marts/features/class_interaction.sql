with attendances as (

    select * from {{ ref('fct_class_attendance') }}
    where class_date is not null

)

select
    {{ surrogate_key([
        "'class interaction'", 'member_id', 'class_type_code', 'instructor_id'
    ]) }} as class_interaction_key,
    {{ member_key('member_id') }} as member_key,
    member_id,
    class_type_code,
    instructor_id,
    count(case when not is_walk_in then 1 end) as booked_count,
    count(case when outcome = 'attended' then 1 end) as attended_count,
    count(case when outcome = 'no_show' then 1 end) as no_show_count,
    count(case when outcome in ('early_cancel', 'late_cancel') then 1 end) as cancelled_count,
    is_known_member,
    min(class_date) as first_class_date,
    max(class_date) as last_class_date,
    max(case when outcome = 'attended' then class_date end) as last_attended_date
from attendances
group by member_id, class_type_code, instructor_id, is_known_member
