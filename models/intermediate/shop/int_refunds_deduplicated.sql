with judged as (

    select * from {{ ref('int_refunds_judged') }}
    where quarantine_rule is null

),

-- The newest row of a refund wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by refund_id, sale_id, line_number
            order by
                refunded_at desc nulls last,
                refund_reason desc nulls last,
                currency desc nulls last,
                quantity desc nulls last,
                refund_amount desc nulls last
        ) as newness,
        count(*) over (partition by refund_id, sale_id, line_number) as copies_count
    from judged

)

select
    refund_id,
    sale_id,
    line_number,
    refund_reason,
    currency,
    quantity,
    refund_amount,
    copies_count,
    refunded_at
from ranked
where newness = 1
