with as_of as (

    select * from {{ ref('int_as_of') }}

),

membership_events as (

    select membership_events.*
    from {{ ref('int_membership_events_conformed') }} as membership_events
    cross join as_of
    where membership_events.effective_date <= as_of.as_of_date

),

joins as (

    select
        *,
        row_number() over (partition by member_id order by effective_date, membership_event_id) as join_number
    from membership_events
    where event_type = 'join'

),

-- Who begins on a plan that is given away is no customer that was won.
first_joins as (

    select * from joins
    where
        join_number = 1
        and not is_complimentary

),

ends as (

    select
        first_joins.member_id,
        min(membership_events.effective_date) as left_date
    from first_joins
    inner join membership_events
        on
            first_joins.member_id = membership_events.member_id
            and first_joins.effective_date <= membership_events.effective_date
    where membership_events.event_type = 'cancel'
    group by first_joins.member_id

),

-- Who has not left is known to have stayed until today.
measured as (

    select
        first_joins.member_id,
        first_joins.plan_code,
        first_joins.gym_id,
        first_joins.is_known_member,
        first_joins.is_known_gym,
        ends.left_date is not null as has_left,
        {{ day_number('coalesce(ends.left_date, as_of.as_of_date)') }}
        - {{ day_number('first_joins.effective_date') }} as membership_days,
        first_joins.effective_date as joined_date,
        ends.left_date
    from first_joins
    cross join as_of
    left join ends
        on first_joins.member_id = ends.member_id

)

-- A month has 487/16 = 30.4375 days.
select
    member_id,
    plan_code,
    gym_id,
    cast({{ whole_quotient('membership_days * 16', '487') }} as bigint) as membership_month_count,
    has_left,
    is_known_member,
    is_known_gym,
    joined_date,
    left_date
from measured
