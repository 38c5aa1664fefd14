with as_of as (

    select * from {{ ref('int_as_of') }}

),

statuses as (

    select * from {{ ref('int_member_statuses_folded') }}

),

visits as (

    select * from {{ ref('fct_visit') }}

),

-- Who pays nothing is no loss: a complimentary membership is not counted.
live as (

    select
        statuses.*,
        as_of.as_of_date
    from statuses
    inner join as_of
        on
            statuses.from_date <= as_of.as_of_date
            and (statuses.to_date is null or statuses.to_date > as_of.as_of_date)
    where statuses.status in ('active', 'paused')

),

visited as (

    select
        visits.member_id,
        max(visits.visit_date) as last_visit_date,
        count(
            case when visits.visit_date >= {{ add_days('as_of.as_of_date', -29) }} then 1 end
        ) as visits_30d,
        count(
            case
                when
                    visits.visit_date >= {{ add_days('as_of.as_of_date', -59) }}
                    and visits.visit_date < {{ add_days('as_of.as_of_date', -29) }}
                    then 1
            end
        ) as visits_30d_before
    from visits
    inner join as_of
        on visits.visit_date <= as_of.as_of_date
    group by visits.member_id

),

judged as (

    select
        live.*,
        visited.last_visit_date,
        coalesce(visited.visits_30d, 0) as visits_30d,
        coalesce(visited.visits_30d_before, 0) as visits_30d_before,
        coalesce(visited.last_visit_date < {{ add_days('live.as_of_date', -13) }}, true) as is_absent,
        coalesce(2 * visited.visits_30d < visited.visits_30d_before, false) as is_fading
    from live
    left join visited
        on live.member_id = visited.member_id

)

select
    {{ member_key('member_id') }} as member_key,
    member_id,
    gym_id,
    plan_code,
    status,
    mrr_amount,
    visits_30d,
    visits_30d_before,
    cast({{ day_number('as_of_date') }} - {{ day_number('last_visit_date') }} as int) as days_since_visit,
    is_absent,
    is_fading,
    is_known_member,
    is_known_gym,
    last_visit_date,
    membership_from_date,
    as_of_date
from judged
where is_absent or is_fading
