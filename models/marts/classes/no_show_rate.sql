with attendance as (

    select
        *,
        {{ month_start('class_date') }} as month_start_date
    from {{ ref('fct_class_attendance') }}
    where is_known_session

),

counted as (

    select
        month_start_date,
        gym_id,
        coalesce(class_type_code, 'unknown') as class_type_code,
        count(case when not is_walk_in then 1 end) as booking_count,
        count(case when is_walk_in then 1 end) as walk_in_count,
        count(case when outcome = 'attended' then 1 end) as attended_count,
        count(case when outcome = 'no_show' then 1 end) as no_show_count,
        count(case when outcome = 'late_cancel' then 1 end) as late_cancel_count,
        count(case when outcome = 'early_cancel' then 1 end) as early_cancel_count,
        count(case when outcome = 'unknown' then 1 end) as unknown_count,
        count(case when outcome = 'class_cancelled' then 1 end) as class_cancelled_count
    from attendance
    group by month_start_date, gym_id, coalesce(class_type_code, 'unknown')

)

select
    {{ surrogate_key(['month_start_date', 'gym_id', 'class_type_code']) }} as no_show_rate_key,
    gym_id,
    class_type_code,
    booking_count,
    walk_in_count,
    attended_count,
    no_show_count,
    late_cancel_count,
    early_cancel_count,
    unknown_count,
    class_cancelled_count,
    cast(no_show_count as double) / nullif(attended_count + no_show_count, 0) as no_show_rate,
    month_start_date
from counted
