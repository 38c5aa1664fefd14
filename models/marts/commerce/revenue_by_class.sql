-- A booking for a class that the schedule lacks has no day yet, and earns on it once it is known.
with attendance as (

    select * from {{ ref('fct_class_attendance') }}

),

summed as (

    select
        class_date as revenue_date,
        coalesce(gym_id, -1) as gym_id,
        coalesce(class_type_code, 'unknown') as class_type_code,
        currency,
        count(*) as paid_booking_count,
        cast(sum(recognised_amount) as decimal(18, 2)) as net_amount
    from attendance
    where
        recognised_amount != 0
        and class_date is not null
    group by class_date, coalesce(gym_id, -1), coalesce(class_type_code, 'unknown'), currency

)

select
    {{ surrogate_key(["'revenue_by_class'", 'revenue_date', 'gym_id', 'class_type_code', 'currency']) }}
        as revenue_by_class_key,
    gym_id,
    class_type_code,
    currency,
    paid_booking_count,
    net_amount,
    revenue_date
from summed
