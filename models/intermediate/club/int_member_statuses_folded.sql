with membership_events as (

    select * from {{ ref('int_membership_events_conformed') }}

),

-- Of what takes effect on one day the last word on the newest membership counts: who leaves and comes back on the
-- same day has come back.
ranked as (

    select
        *,
        row_number() over (
            partition by member_id, effective_date
            order by membership_from_date desc, membership_id desc, membership_event_id desc
        ) as newness
    from membership_events

),

dated as (

    select
        *,
        lead(effective_date) over (partition by member_id order by effective_date) as next_effective_date
    from ranked
    where newness = 1

),

statuses as (

    select
        *,
        case
            when event_type = 'cancel' then 'left'
            when event_type = 'pause' then 'paused'
            when is_complimentary then 'complimentary'
            else 'active'
        end as status
    from dated

),

-- Money in whole cents, each member rounded alone, so that any sum of members is exact.
valued as (

    select
        *,
        case
            when status = 'active'
                then {{ monthly_cents(cents('(price_amount - discount_amount)'), 'billing_period') }}
            else 0
        end as mrr_cents
    from statuses

)

select
    member_id,
    membership_id,
    gym_id,
    plan_code,
    status,
    billing_period,
    cast(price_amount as decimal(12, 2)) as price_amount,
    cast(discount_amount as decimal(12, 2)) as discount_amount,
    {{ amount_of_cents('mrr_cents') }} as mrr_amount,
    is_known_member,
    is_known_gym,
    membership_from_date,
    effective_date as from_date,
    next_effective_date as to_date
from valued
