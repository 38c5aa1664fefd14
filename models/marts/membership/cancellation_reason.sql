with as_of as (

    select * from {{ ref('int_as_of') }}

),

cancels as (

    select
        membership_events.*,
        cast(date_trunc('month', membership_events.effective_date) as date) as month_start_date
    from {{ ref('int_membership_events_conformed') }} as membership_events
    cross join as_of
    where
        membership_events.event_type = 'cancel'
        and membership_events.effective_date <= as_of.as_of_date

),

requests as (

    select
        membership_id,
        cancellation_reason,
        row_number() over (partition by membership_id order by requested_at desc, cancellation_id desc) as newness
    from {{ ref('int_cancellations_conformed') }}

),

given as (

    select
        cancels.month_start_date,
        cancels.previous_gym_id as gym_id,
        cancels.previous_plan_code as plan_code,
        cancels.previous_is_complimentary,
        coalesce(requests.cancellation_reason, 'not_given') as cancellation_reason
    from cancels
    left join requests
        on
            cancels.membership_id = requests.membership_id
            and requests.newness = 1

)

select
    {{ surrogate_key(["'cancellation_reason'", 'month_start_date', 'gym_id', 'plan_code', 'cancellation_reason']) }}
        as cancellation_reason_key,
    gym_id,
    plan_code,
    cancellation_reason,
    count(*) as leaves_count,
    count(*) filter (where not previous_is_complimentary) as paying_leaves_count,
    cancellation_reason in ('unmapped', 'not_given') as is_unmapped,
    month_start_date
from given
group by month_start_date, gym_id, plan_code, cancellation_reason
