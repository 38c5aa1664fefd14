-- By plan and gym and over all: the members at the end of a month are those at the start of the next one.
with churn as (

    select * from {{ ref('churn_rate') }}

),

told as (

    select distinct month_start_date from churn

),

months as (

    select
        month_start_date,
        lead(month_start_date) over (order by month_start_date) as next_month_start_date
    from told

),

closings as (

    select
        months.next_month_start_date as month_start_date,
        churn.plan_code,
        churn.gym_id,
        churn.members_at_end
    from churn
    inner join months
        on churn.month_start_date = months.month_start_date
    where months.next_month_start_date is not null

)

select
    coalesce(churn.month_start_date, closings.month_start_date) as month_start_date,
    coalesce(churn.plan_code, closings.plan_code) as plan_code,
    coalesce(churn.gym_id, closings.gym_id) as gym_id,
    closings.members_at_end,
    churn.members_at_start
from churn
full outer join closings
    on
        churn.month_start_date = closings.month_start_date
        and churn.plan_code = closings.plan_code
        and churn.gym_id = closings.gym_id
where coalesce(churn.members_at_start, 0) != coalesce(closings.members_at_end, 0)
