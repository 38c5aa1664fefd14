with membership_events as (

    select * from {{ ref('int_membership_events_deduplicated') }}

),

plans as (

    select * from {{ ref('int_plans_conformed') }}

),

members as (

    select * from {{ ref('int_members_known') }}

),

locations as (

    select * from {{ ref('int_locations_deduplicated') }}

),

-- A plan that no price list knows is billed by the month, as most are, and paid for.
planned as (

    select
        membership_events.*,
        coalesce(plans.billing_period, 'monthly') as billing_period,
        coalesce(plans.is_complimentary, false) as is_complimentary,
        plans.plan_code is null as is_unmapped_plan
    from membership_events
    left join plans
        on membership_events.plan_code = plans.plan_code

),

-- What a cancellation ends is the membership as it was before.
ordered as (

    select
        *,
        lag(plan_code) over (
            partition by membership_id order by effective_date, membership_event_id
        ) as previous_plan_code,
        lag(gym_id) over (partition by membership_id order by effective_date, membership_event_id) as previous_gym_id,
        lag(is_complimentary) over (
            partition by membership_id order by effective_date, membership_event_id
        ) as previous_is_complimentary,
        min(effective_date) over (partition by membership_id) as membership_from_date
    from planned

)

select
    {{ surrogate_key(["'membership_event'", 'ordered.membership_event_id']) }} as membership_event_key,
    ordered.membership_event_id,
    ordered.membership_id,
    ordered.member_id,
    coalesce(ordered.gym_id, -1) as gym_id,
    coalesce(ordered.plan_code, 'unknown') as plan_code,
    coalesce(ordered.previous_gym_id, ordered.gym_id, -1) as previous_gym_id,
    coalesce(ordered.previous_plan_code, ordered.plan_code, 'unknown') as previous_plan_code,
    ordered.event_type,
    ordered.billing_period,
    coalesce(ordered.price_amount, 0) as price_amount,
    coalesce(ordered.discount_amount, 0) as discount_amount,
    ordered.is_complimentary,
    coalesce(ordered.previous_is_complimentary, ordered.is_complimentary) as previous_is_complimentary,
    ordered.is_unmapped_plan,
    members.member_id is not null as is_known_member,
    locations.gym_id is not null as is_known_gym,
    ordered.membership_from_date,
    ordered.effective_date,
    ordered.event_at
from ordered
left join members
    on ordered.member_id = members.member_id
left join locations
    on ordered.gym_id = locations.gym_id
