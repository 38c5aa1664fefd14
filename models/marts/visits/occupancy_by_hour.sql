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

-- The full hour of the wall clock in which each visit began, as a moment.
placed as (

    select
        visits.gym_id,
        locations.time_zone,
        visits.arrives_at,
        visits.leaves_at,
        {{ local_time('visits.arrives_at', 'locations.time_zone') }} as arrives_local
    from visits
    inner join locations
        on visits.gym_id = locations.gym_id

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

counted as (

    select
        gym_id,
        {{ local_date('hour_begins_at', 'time_zone') }} as occupancy_date,
        {{ local_hour('hour_begins_at', 'time_zone') }} as hour_of_day,
        hour_number = 1 as is_arrival,
        -- Who leaves on the stroke of an hour is not there in it; without a known end, in the hour of arrival alone.
        leaves_at is null or leaves_at > hour_begins_at as is_present
    from hours

)

select
    {{ surrogate_key(['gym_id', 'occupancy_date', 'hour_of_day']) }} as occupancy_key,
    gym_id,
    hour_of_day,
    count(case when is_present then 1 end) as present_count,
    count(case when is_arrival then 1 end) as arrival_count,
    occupancy_date
from counted
where {{ until_as_of('occupancy_date') }}
group by gym_id, occupancy_date, hour_of_day
having count(case when is_present or is_arrival then 1 end) > 0
