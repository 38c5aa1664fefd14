with judged as (

    select * from {{ ref('int_cancellations_judged') }}
    where quarantine_rule is null

),

-- The newest row of a request wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by cancellation_id
            order by
                requested_at desc nulls last,
                membership_id desc nulls last,
                member_id desc nulls last,
                typed_reason desc nulls last,
                cancellation_channel desc nulls last,
                effective_date desc nulls last
        ) as newness,
        count(*) over (partition by cancellation_id) as copies_count
    from judged

)

select
    cancellation_id,
    membership_id,
    member_id,
    typed_reason,
    cancellation_channel,
    copies_count,
    effective_date,
    requested_at
from ranked
where newness = 1
