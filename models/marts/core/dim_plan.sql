with plans as (

    select * from {{ ref('int_plans_conformed') }}

),

-- A plan that no price list knows is a plan too, when somebody has it or paid for it.
used as (

    select plan_code from {{ ref('int_membership_events_conformed') }}
    union
    select previous_plan_code as plan_code from {{ ref('int_membership_events_conformed') }}
    union
    select plan_code from {{ ref('int_invoices_conformed') }}
    union
    select plan_code from plans

)

select
    {{ surrogate_key(["'plan'", 'used.plan_code']) }} as plan_key,
    used.plan_code,
    coalesce(plans.plan_name, 'unmapped') as plan_name,
    coalesce(plans.plan_family, 'unknown') as plan_family,
    coalesce(plans.billing_period, 'monthly') as billing_period,
    plans.currency,
    plans.price_amount as list_price_amount,
    {{ amount_of_cents(monthly_cents(cents('plans.price_amount'), 'plans.billing_period')) }} as monthly_price_amount,
    coalesce(plans.is_complimentary, false) as is_complimentary,
    coalesce(plans.includes_classes, false) as includes_classes,
    plans.plan_code is null as is_unmapped
from used
left join plans
    on used.plan_code = plans.plan_code
