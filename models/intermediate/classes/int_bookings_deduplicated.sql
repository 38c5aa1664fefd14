with judged as (

    select * from {{ ref('int_bookings_judged') }}
    where quarantine_rule is null

),

-- The newest row of a booking wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by booking_id
            order by
                updated_at desc,
                cancelled_at desc nulls last,
                booked_at desc nulls last,
                class_session_id desc,
                member_id desc,
                paid_amount desc nulls last,
                channel desc nulls last,
                currency desc nulls last
        ) as newness,
        count(*) over (partition by booking_id) as copies_count
    from judged

)

select
    booking_id,
    class_session_id,
    member_id,
    channel,
    currency,
    paid_amount,
    copies_count,
    booked_at,
    cancelled_at,
    updated_at
from ranked
where newness = 1
