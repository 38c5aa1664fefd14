with months as (

    select * from {{ ref('int_months_listed') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- Paused is still a member; complimentary is not.
member_months as (

    select
        member_id,
        gym_id,
        plan_code,
        status in ('active', 'paused') as is_member,
        month_start_date
    from {{ ref('member_month_status') }}

),

-- Once there, a member has a row in every month: the row before is the month's start, the twelfth before it the
-- start of a year.
compared as (

    select
        *,
        coalesce(lag(is_member) over (partition by member_id order by month_start_date), false) as was_member,
        lag(plan_code) over (partition by member_id order by month_start_date) as start_plan_code,
        lag(gym_id) over (partition by member_id order by month_start_date) as start_gym_id,
        coalesce(lag(is_member, 12) over (partition by member_id order by month_start_date), false) as was_in_cohort,
        lag(plan_code, 12) over (partition by member_id order by month_start_date) as cohort_plan_code,
        lag(gym_id, 12) over (partition by member_id order by month_start_date) as cohort_gym_id
    from member_months

),

cancellations as (

    select
        membership_events.member_id,
        membership_events.previous_plan_code,
        membership_events.previous_gym_id,
        cast(date_trunc('month', membership_events.effective_date) as date) as month_start_date,
        row_number() over (
            partition by membership_events.member_id, date_trunc('month', membership_events.effective_date)
            order by membership_events.effective_date, membership_events.membership_event_id
        ) as number_in_month
    from {{ ref('int_membership_events_conformed') }} as membership_events
    cross join as_of
    where
        membership_events.event_type = 'cancel'
        and not membership_events.previous_is_complimentary
        and membership_events.effective_date <= as_of.as_of_date

),

-- Each measure by the plan and gym that it is told of: of who left, those at the start of the month, or, when they
-- joined within it, those before the cancellation.
told as (

    select
        month_start_date,
        start_plan_code as plan_code,
        start_gym_id as gym_id,
        1 as at_start,
        0 as has_left,
        case when is_member then 0 else 1 end as is_lost,
        0 as at_end,
        0 as in_cohort,
        0 as is_lost_of_cohort
    from compared
    where was_member
    union all
    select
        cancellations.month_start_date,
        case
            when compared.was_member then compared.start_plan_code else cancellations.previous_plan_code
        end as plan_code,
        case when compared.was_member then compared.start_gym_id else cancellations.previous_gym_id end as gym_id,
        0 as at_start,
        1 as has_left,
        0 as is_lost,
        0 as at_end,
        0 as in_cohort,
        0 as is_lost_of_cohort
    from cancellations
    left join compared
        on
            cancellations.member_id = compared.member_id
            and cancellations.month_start_date = compared.month_start_date
    where cancellations.number_in_month = 1
    union all
    select
        month_start_date,
        plan_code,
        gym_id,
        0 as at_start,
        0 as has_left,
        0 as is_lost,
        1 as at_end,
        0 as in_cohort,
        0 as is_lost_of_cohort
    from compared
    where is_member
    union all
    select
        month_start_date,
        cohort_plan_code as plan_code,
        cohort_gym_id as gym_id,
        0 as at_start,
        0 as has_left,
        0 as is_lost,
        0 as at_end,
        1 as in_cohort,
        case when is_member then 0 else 1 end as is_lost_of_cohort
    from compared
    where was_in_cohort

),

-- By plan and gym, and over all plans, all gyms, and both.
counted as (

    select
        month_start_date,
        coalesce(plan_code, 'all') as plan_code,
        coalesce(gym_id, 0) as gym_id,
        cast(sum(at_start) as bigint) as members_at_start,
        cast(sum(has_left) as bigint) as members_left,
        cast(sum(is_lost) as bigint) as members_at_start_not_at_end,
        cast(sum(at_end) as bigint) as members_at_end,
        cast(sum(in_cohort) as bigint) as cohort_members,
        cast(sum(is_lost_of_cohort) as bigint) as cohort_members_lost
    from told
    group by
        grouping sets (
            (month_start_date, plan_code, gym_id),
            (month_start_date, plan_code),
            (month_start_date, gym_id),
            (month_start_date)
        )

),

plans_and_gyms as (

    select distinct
        plan_code,
        gym_id
    from counted

),

-- A month without a member counts in a year's mean, too.
cells as (

    select
        months.month_start_date,
        months.months_so_far,
        plans_and_gyms.plan_code,
        plans_and_gyms.gym_id
    from months
    cross join plans_and_gyms

),

filled as (

    select
        cells.month_start_date,
        cells.months_so_far,
        cells.plan_code,
        cells.gym_id,
        coalesce(counted.members_at_start, 0) as members_at_start,
        coalesce(counted.members_left, 0) as members_left,
        coalesce(counted.members_at_start_not_at_end, 0) as members_at_start_not_at_end,
        coalesce(counted.members_at_end, 0) as members_at_end,
        case when cells.months_so_far > 12 then coalesce(counted.cohort_members, 0) end as cohort_members,
        case when cells.months_so_far > 12 then coalesce(counted.cohort_members_lost, 0) end as cohort_members_lost
    from cells
    left join counted
        on
            cells.month_start_date = counted.month_start_date
            and cells.plan_code = counted.plan_code
            and cells.gym_id = counted.gym_id

),

years as (

    select
        *,
        cast(sum(members_left) over (
            partition by plan_code, gym_id order by month_start_date rows between 11 preceding and current row
        ) as bigint) as left_in_year,
        cast(sum(members_at_start) over (
            partition by plan_code, gym_id order by month_start_date rows between 11 preceding and current row
        ) as bigint) as starts_in_year
    from filled

)

select
    {{ surrogate_key(["'churn_rate'", 'month_start_date', 'plan_code', 'gym_id']) }} as churn_rate_key,
    gym_id,
    plan_code,
    members_at_start,
    members_left,
    members_at_start_not_at_end,
    members_at_end,
    cohort_members,
    cohort_members_lost,
    cast(members_left as double) / nullif(members_at_start, 0) as churn_rate,
    cast(members_at_start_not_at_end as double) / nullif(members_at_start, 0) as set_difference_rate,
    cast(members_left * 24 as double) / nullif(members_at_start + members_at_end, 0) as annualised_rate,
    case
        when months_so_far >= 12 then cast(left_in_year * 12 as double) / nullif(starts_in_year, 0)
    end as twelve_month_rate,
    cast(cohort_members_lost as double) / nullif(cohort_members, 0) as cohort_rate,
    month_start_date
from years
where members_at_start + members_left + members_at_end + coalesce(cohort_members, 0) > 0
