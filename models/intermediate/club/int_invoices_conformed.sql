with invoices as (

    select * from {{ ref('int_invoices_deduplicated') }}

),

plans as (

    select * from {{ ref('int_plans_conformed') }}

),

members as (

    select * from {{ ref('int_members_known') }}

),

locations as (

    select * from {{ ref('int_locations_deduplicated') }}

)

select
    invoices.invoice_id,
    invoices.membership_id,
    invoices.member_id,
    coalesce(invoices.gym_id, -1) as gym_id,
    coalesce(invoices.plan_code, 'unknown') as plan_code,
    invoices.invoice_kind,
    invoices.currency,
    invoices.net_amount,
    invoices.tax_amount,
    cast({{ day_number('invoices.period_to_date') }} - {{ day_number('invoices.period_from_date') }} as int)
        as period_day_count,
    plans.plan_code is null as is_unmapped_plan,
    members.member_id is not null as is_known_member,
    locations.gym_id is not null as is_known_gym,
    invoices.invoiced_date,
    invoices.period_from_date,
    invoices.period_to_date
from invoices
left join plans
    on invoices.plan_code = plans.plan_code
left join members
    on invoices.member_id = members.member_id
left join locations
    on invoices.gym_id = locations.gym_id
