-- Each of the 168 hours of a week falls into one part of it, and into one only.
with weekdays as (

    select {{ explode_numbers(7) }} as iso_weekday

),

hours as (

    select
        iso_weekday,
        {{ explode_numbers(24) }} as hour_number
    from weekdays

)

select
    hours.iso_weekday,
    hours.hour_number - 1 as hour_of_day,
    count(week_parts.week_part) as part_count
from hours
left join {{ ref('week_parts') }} as week_parts
    on
        hours.iso_weekday = week_parts.iso_weekday
        and hours.hour_number - 1 between week_parts.lowest_hour and week_parts.highest_hour
group by hours.iso_weekday, hours.hour_number
having count(week_parts.week_part) != 1
