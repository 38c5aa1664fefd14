-- A visit begins within two days of its date and no access lasts longer than one: an hour is at most three days later.
{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'occupancy_date',
        'reads': {
            'fct_visit': {'days': [3, 0]},
            'int_locations_conformed': {'key': 'gym_id', 'through': 'fct_visit', 'slice': 'visit_date', 'days': [3, 0]},
        },
    },
) }}

with visits as (

    select * from {{ touched('fct_visit') }}

),

locations as (

    select * from {{ ref('int_locations_conformed') }}

),

located as (

    select
        visits.gym_id,
        locations.time_zone,
        visits.arrives_at,
        visits.leaves_at
    from visits
    inner join locations
        on visits.gym_id = locations.gym_id

),

zone_days as (

    {{ zone_days('located', 'arrives_at') }}

),

-- The full hour of the wall clock in which each visit began, as a moment.
placed as (

    select
        located.gym_id,
        located.time_zone,
        located.arrives_at,
        located.leaves_at,
        {{ zoned_time('located', 'arrives_at') }} as arrives_local
    from located
    left join zone_days
        on {{ on_zone_day('located', 'arrives_at') }}

),

begun as (

    select
        *,
        {{ add_seconds(
            'arrives_at',
            '-1 * ' ~ seconds_between("date_trunc('hour', arrives_local)", 'arrives_local')
        ) }} as first_hour_at
    from placed

),

-- The hours until the visit ends, in elapsed time: the clock may be put forward or back in between.
numbered as (

    select
        *,
        {{ explode_numbers(
            whole_quotient('coalesce(' ~ seconds_between('first_hour_at', 'leaves_at') ~ ', 0)', '3600') ~ ' + 1'
        ) }} as hour_number
    from begun

),

hours as (

    select
        *,
        {{ add_seconds('first_hour_at', '3600 * (hour_number - 1)') }} as hour_begins_at
    from numbered

),

-- Who leaves on the stroke of an hour is not there in it; without a known end, in the hour of arrival alone.
counted as (

    select
        gym_id,
        time_zone,
        hour_begins_at,
        count(case when leaves_at is null or leaves_at > hour_begins_at then 1 end) as present_count,
        count(case when hour_number = 1 then 1 end) as arrival_count
    from hours
    group by gym_id, time_zone, hour_begins_at

),

-- What the clock shows is asked once an hour, not once a visit. An hour that it passes twice in autumn is one row.
on_local_clock as (

    select
        gym_id,
        {{ local_date('hour_begins_at', 'time_zone') }} as occupancy_date,
        {{ local_hour('hour_begins_at', 'time_zone') }} as hour_of_day,
        present_count,
        arrival_count
    from counted
    where present_count > 0 or arrival_count > 0

)

select
    {{ surrogate_key(['gym_id', 'occupancy_date', 'hour_of_day']) }} as occupancy_key,
    gym_id,
    hour_of_day,
    cast(sum(present_count) as bigint) as present_count,
    cast(sum(arrival_count) as bigint) as arrival_count,
    occupancy_date
from on_local_clock
where {{ until_as_of('occupancy_date') }}
group by gym_id, occupancy_date, hour_of_day
