with judged as (

    select * from {{ ref('int_payments_judged') }}
    where quarantine_rule is null

),

-- The newest row of a payment wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by payment_id
            order by
                paid_at desc nulls last,
                invoice_id desc nulls last,
                member_id desc nulls last,
                currency desc nulls last,
                payment_method desc nulls last,
                payment_status desc nulls last,
                payment_amount desc nulls last
        ) as newness,
        count(*) over (partition by payment_id) as copies_count
    from judged

)

select
    payment_id,
    invoice_id,
    member_id,
    currency,
    payment_method,
    payment_status,
    payment_amount,
    copies_count,
    paid_at
from ranked
where newness = 1
