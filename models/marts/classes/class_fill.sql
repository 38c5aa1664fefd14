with sessions as (

    select * from {{ ref('dim_class_session') }}
    where not is_unmapped and not is_cancelled

),

attended as (

    select
        class_session_id,
        count(*) as attended_count
    from {{ ref('fct_class_attendance') }}
    where outcome = 'attended'
    group by class_session_id

),

filled as (

    select
        sessions.class_date,
        sessions.gym_id,
        coalesce(sessions.class_type_code, 'unknown') as class_type_code,
        sessions.week_part,
        coalesce(sessions.capacity, 0) as capacity,
        coalesce(attended.attended_count, 0) as attended_count
    from sessions
    left join attended
        on sessions.class_session_id = attended.class_session_id

)

select
    {{ surrogate_key(['class_date', 'gym_id', 'class_type_code', 'week_part']) }} as class_fill_key,
    gym_id,
    class_type_code,
    week_part,
    count(*) as sessions,
    cast(sum(capacity) as bigint) as capacity,
    cast(sum(attended_count) as bigint) as attended,
    count(case when attended_count = 0 then 1 end) as empty_sessions,
    cast(sum(attended_count) as double) / nullif(sum(capacity), 0) as fill_rate,
    class_date
from filled
group by class_date, gym_id, class_type_code, week_part
