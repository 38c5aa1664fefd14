with as_of as (

    select * from {{ ref('int_as_of') }}

),

statuses as (

    select * from {{ ref('int_member_statuses_folded') }}

),

visits as (

    select * from {{ ref('fct_visit') }}

),

app_events as (

    select * from {{ ref('int_app_events_conformed') }}

),

attended as (

    select * from {{ ref('fct_class_attendance') }}
    where outcome = 'attended' and class_date is not null

),

active as (

    select
        statuses.*,
        as_of.as_of_date
    from statuses
    inner join as_of
        on
            statuses.from_date <= as_of.as_of_date
            and (statuses.to_date is null or statuses.to_date > as_of.as_of_date)
    where statuses.status = 'active'

),

visited as (

    select
        visits.member_id,
        max(visits.visit_date) as last_visit_date,
        count(case when visits.visit_date >= {{ add_days('as_of.as_of_date', -29) }} then 1 end) as visits_30d,
        count(case when visits.visit_date >= {{ add_days('as_of.as_of_date', -89) }} then 1 end) as visits_90d
    from visits
    inner join as_of
        on visits.visit_date <= as_of.as_of_date
    group by visits.member_id

),

in_app as (

    select
        app_events.member_id,
        max(app_events.event_date) as last_app_date
    from app_events
    inner join as_of
        on app_events.event_date <= as_of.as_of_date
    group by app_events.member_id

),

class_types as (

    select
        member_id,
        class_type_code,
        count(*) as attended_count,
        max(class_date) as last_class_date
    from attended
    where class_type_code is not null
    group by member_id, class_type_code

),

-- Most often attended; of two the one attended last, then the first by name.
class_types_ranked as (

    select
        *,
        row_number() over (
            partition by member_id order by attended_count desc, last_class_date desc, class_type_code
        ) as liking
    from class_types

),

instructors as (

    select
        member_id,
        instructor_id,
        count(*) as attended_count,
        max(class_date) as last_class_date
    from attended
    where instructor_id is not null
    group by member_id, instructor_id

),

instructors_ranked as (

    select
        *,
        row_number() over (
            partition by member_id order by attended_count desc, last_class_date desc, instructor_id
        ) as liking
    from instructors

)

select
    {{ member_key('active.member_id') }} as member_key,
    active.member_id,
    active.gym_id,
    active.plan_code,
    class_types_ranked.class_type_code as favourite_class_type_code,
    instructors_ranked.instructor_id as favourite_instructor_id,
    coalesce(visited.visits_30d, 0) as visits_30d,
    -- A month of the three, as far as the member was there in them.
    cast(coalesce(visited.visits_90d, 0) as double) * 30
    / greatest(
        30, least(90, {{ day_number('active.as_of_date') }} - {{ day_number('active.membership_from_date') }} + 1)
    ) as visits_a_month,
    active.is_known_member,
    active.is_known_gym,
    visited.last_visit_date,
    in_app.last_app_date,
    case
        when coalesce(visited.last_visit_date >= in_app.last_app_date, in_app.last_app_date is null)
            then visited.last_visit_date
        else in_app.last_app_date
    end as last_activity_date,
    active.as_of_date
from active
left join visited
    on active.member_id = visited.member_id
left join in_app
    on active.member_id = in_app.member_id
left join class_types_ranked
    on
        active.member_id = class_types_ranked.member_id
        and class_types_ranked.liking = 1
left join instructors_ranked
    on
        active.member_id = instructors_ranked.member_id
        and instructors_ranked.liking = 1
where coalesce(visited.visits_30d, 0) < 2
