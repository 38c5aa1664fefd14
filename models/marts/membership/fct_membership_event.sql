with membership_events as (

    select * from {{ ref('int_membership_events_conformed') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

effective as (

    select membership_events.*
    from membership_events
    cross join as_of
    where membership_events.effective_date <= as_of.as_of_date

),

-- A later join is somebody coming back.
numbered as (

    select
        *,
        row_number() over (
            partition by member_id, event_type order by effective_date, membership_event_id
        ) as number_of_its_kind
    from effective

)

select
    membership_event_key,
    {{ member_key('member_id') }} as member_key,
    membership_event_id,
    membership_id,
    member_id,
    gym_id,
    plan_code,
    previous_plan_code,
    event_type,
    billing_period,
    price_amount,
    discount_amount,
    is_complimentary,
    event_type = 'join' and number_of_its_kind > 1 as is_rejoin,
    is_unmapped_plan,
    is_known_member,
    is_known_gym,
    effective_date,
    event_at
from numbered
