with exported as (

    select * from {{ ref('int_plans_deduplicated') }}

),

families as (

    select * from {{ ref('plans') }}

)

select
    exported.plan_code,
    exported.plan_name,
    coalesce(families.plan_family, 'unknown') as plan_family,
    exported.billing_period,
    exported.currency,
    exported.price_amount,
    coalesce(exported.is_complimentary, false) as is_complimentary,
    coalesce(exported.includes_classes, false) as includes_classes
from exported
left join families
    on exported.plan_code = families.plan_code
