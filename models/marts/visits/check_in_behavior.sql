with visits as (

    select * from {{ ref('fct_visit') }}

),

locations as (

    select * from {{ ref('int_locations_conformed') }}

),

week_parts as (

    select * from {{ ref('week_parts') }}

),

located as (

    select
        visits.gym_id,
        visits.member_id,
        visits.arrives_at,
        visits.leaves_at,
        visits.visit_date,
        locations.time_zone
    from visits
    inner join locations
        on visits.gym_id = locations.gym_id

),

zone_days as (

    {{ zone_days('located', 'arrives_at') }}

),

on_local_clock as (

    select
        located.gym_id,
        located.member_id,
        located.arrives_at,
        located.leaves_at,
        {{ month_start('located.visit_date') }} as month_start_date,
        {{ iso_weekday('located.visit_date') }} as iso_weekday,
        {{ zoned_hour('located', 'arrives_at') }} as hour_of_day
    from located
    left join zone_days
        on {{ on_zone_day('located', 'arrives_at') }}

),

counted as (

    select
        gym_id,
        month_start_date,
        iso_weekday,
        hour_of_day,
        count(*) as visit_count,
        count(distinct member_id) as member_count,
        sum({{ seconds_between('arrives_at', 'leaves_at') }}) as seconds_in_gym,
        count(leaves_at) as closed_visit_count
    from on_local_clock
    group by gym_id, month_start_date, iso_weekday, hour_of_day

),

with_totals as (

    select
        *,
        sum(visit_count) over (partition by gym_id, month_start_date) as month_visit_count
    from counted

)

select
    {{ surrogate_key(
        ['with_totals.gym_id', 'with_totals.month_start_date', 'with_totals.iso_weekday', 'with_totals.hour_of_day']
    ) }} as check_in_behavior_key,
    with_totals.gym_id,
    week_parts.week_part,
    with_totals.iso_weekday,
    with_totals.hour_of_day,
    with_totals.visit_count,
    with_totals.member_count,
    cast(with_totals.seconds_in_gym as double) / 60 / nullif(with_totals.closed_visit_count, 0) as minutes_per_visit,
    cast(with_totals.visit_count as double) / with_totals.month_visit_count as visit_share_rate,
    with_totals.month_start_date
from with_totals
left join week_parts
    on
        with_totals.iso_weekday = week_parts.iso_weekday
        and with_totals.hour_of_day between week_parts.lowest_hour and week_parts.highest_hour
