with fill as (

    select * from {{ ref('class_fill') }}

),

attendance as (

    select * from {{ ref('fct_class_attendance') }}
    where is_known_session

),

held as (

    select
        {{ month_start('class_date') }} as month_start_date,
        gym_id,
        class_type_code,
        sum(sessions) as session_count,
        sum(capacity) as capacity,
        sum(attended) as attended_count
    from fill
    group by {{ month_start('class_date') }}, gym_id, class_type_code

),

wanted as (

    select
        {{ month_start('class_date') }} as month_start_date,
        gym_id,
        coalesce(class_type_code, 'unknown') as class_type_code,
        count(booking_id) as booking_count,
        count(distinct member_id) as member_count
    from attendance
    where outcome != 'class_cancelled'
    group by {{ month_start('class_date') }}, gym_id, coalesce(class_type_code, 'unknown')

)

select
    {{ surrogate_key(['held.month_start_date', 'held.gym_id', 'held.class_type_code']) }} as class_popularity_key,
    held.gym_id,
    held.class_type_code,
    cast(held.session_count as bigint) as session_count,
    cast(held.capacity as bigint) as capacity,
    coalesce(wanted.booking_count, 0) as booking_count,
    cast(held.attended_count as bigint) as attended_count,
    coalesce(wanted.member_count, 0) as member_count,
    cast(coalesce(wanted.booking_count, 0) as double) / held.session_count as bookings_per_session,
    cast(held.attended_count as double) / nullif(held.capacity, 0) as fill_rate,
    cast(
        rank() over (partition by held.month_start_date, held.gym_id order by held.attended_count desc) as bigint
    ) as popularity_rank,
    held.month_start_date
from held
left join wanted
    on
        held.month_start_date = wanted.month_start_date
        and held.gym_id = wanted.gym_id
        and held.class_type_code = wanted.class_type_code
