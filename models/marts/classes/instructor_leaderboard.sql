with sessions as (

    select * from {{ ref('dim_class_session') }}
    where not is_unmapped and not is_cancelled and instructor_id is not null and gym_id is not null

),

attended as (

    select
        class_session_id,
        count(*) as attended_count
    from {{ ref('fct_class_attendance') }}
    where outcome = 'attended'
    group by class_session_id

),

counted as (

    select
        {{ iso_week_start('sessions.class_date') }} as iso_week_start_date,
        sessions.gym_id,
        sessions.instructor_id,
        count(*) as session_count,
        cast(coalesce(sum(sessions.capacity), 0) as bigint) as capacity,
        cast(coalesce(sum(attended.attended_count), 0) as bigint) as attended_count
    from sessions
    left join attended
        on sessions.class_session_id = attended.class_session_id
    group by {{ iso_week_start('sessions.class_date') }}, sessions.gym_id, sessions.instructor_id

)

select
    {{ surrogate_key(['iso_week_start_date', 'gym_id', 'instructor_id']) }} as instructor_leaderboard_key,
    gym_id,
    instructor_id,
    session_count,
    capacity,
    attended_count,
    cast(attended_count as double) / nullif(capacity, 0) as fill_rate,
    cast(
        rank() over (partition by iso_week_start_date, gym_id order by attended_count desc) as bigint
    ) as leaderboard_rank,
    iso_week_start_date
from counted
