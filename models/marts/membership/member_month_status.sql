with months as (

    select * from {{ ref('int_months_listed') }}

),

statuses as (

    select * from {{ ref('int_member_statuses_folded') }}

)

-- What holds at the end of the month; of the month that still runs, today.
select
    {{ surrogate_key(["'member_month'", 'statuses.member_id', 'months.month_start_date']) }} as member_month_key,
    {{ member_key('statuses.member_id') }} as member_key,
    statuses.member_id,
    statuses.membership_id,
    statuses.gym_id,
    statuses.plan_code,
    statuses.status,
    statuses.mrr_amount,
    statuses.is_known_member,
    statuses.is_known_gym,
    months.month_start_date
from statuses
inner join months
    on
        statuses.from_date <= months.month_end_date
        and (statuses.to_date is null or statuses.to_date > months.month_end_date)
