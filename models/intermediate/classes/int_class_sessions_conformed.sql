with sessions as (

    select * from {{ ref('int_class_sessions_deduplicated') }}

),

locations as (

    select * from {{ ref('int_locations_conformed') }}

),

class_types as (

    select * from {{ ref('int_class_types_deduplicated') }}

),

instructors as (

    select * from {{ ref('int_instructors_deduplicated') }}

),

week_parts as (

    select * from {{ ref('week_parts') }}

),

placed as (

    select
        sessions.*,
        coalesce(locations.time_zone, '{{ var("default_time_zone") }}') as time_zone,
        locations.gym_id is null or locations.is_unmapped as is_unmapped_gym
    from sessions
    left join locations
        on sessions.gym_id = locations.gym_id

),

on_local_clock as (

    select
        *,
        {{ local_date('starts_at', 'time_zone') }} as class_date,
        {{ local_hour('starts_at', 'time_zone') }} as hour_of_day
    from placed

)

select
    on_local_clock.class_session_id,
    on_local_clock.class_type_code,
    on_local_clock.instructor_id,
    on_local_clock.gym_id,
    week_parts.week_part,
    on_local_clock.time_zone,
    on_local_clock.currency,
    on_local_clock.capacity,
    on_local_clock.drop_in_amount,
    on_local_clock.hour_of_day,
    coalesce(on_local_clock.session_status = 'cancelled', false) as is_cancelled,
    class_types.class_type_code is null as is_unmapped_class_type,
    instructors.instructor_id is null as is_unmapped_instructor,
    on_local_clock.is_unmapped_gym,
    on_local_clock.class_date,
    on_local_clock.starts_at,
    on_local_clock.ends_at
from on_local_clock
left join class_types
    on on_local_clock.class_type_code = class_types.class_type_code
left join instructors
    on on_local_clock.instructor_id = instructors.instructor_id
left join week_parts
    on
        {{ iso_weekday('on_local_clock.class_date') }} = week_parts.iso_weekday
        and on_local_clock.hour_of_day between week_parts.lowest_hour and week_parts.highest_hour
