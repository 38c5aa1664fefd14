with judged as (

    select * from {{ ref('int_invoices_judged') }}
    where quarantine_rule is null

),

-- The newest row of an invoice wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by invoice_id
            order by
                invoiced_date desc nulls last,
                membership_id desc nulls last,
                member_id desc nulls last,
                gym_id desc nulls last,
                plan_code desc nulls last,
                invoice_kind desc nulls last,
                currency desc nulls last,
                net_amount desc nulls last,
                tax_amount desc nulls last,
                period_from_date desc nulls last,
                period_to_date desc nulls last
        ) as newness,
        count(*) over (partition by invoice_id) as copies_count
    from judged

)

select
    invoice_id,
    membership_id,
    member_id,
    gym_id,
    plan_code,
    invoice_kind,
    currency,
    net_amount,
    tax_amount,
    copies_count,
    invoiced_date,
    period_from_date,
    period_to_date
from ranked
where newness = 1
