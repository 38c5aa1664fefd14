with entries as (

    select
        gym_id,
        member_id,
        coalesce(facility, 'unknown') as facility,
        hour_of_day,
        business_date,
        entered_at,
        left_at
    from {{ ref('int_facility_entries_conformed') }}
    where {{ until_as_of('business_date') }}

)

select
    {{ surrogate_key(['gym_id', 'business_date', 'facility', 'hour_of_day']) }} as facility_hour_key,
    gym_id,
    facility,
    hour_of_day,
    count(*) as entry_count,
    count(distinct member_id) as member_count,
    cast(sum({{ seconds_between('entered_at', 'left_at') }}) as double)
    / 60 / nullif(count(left_at), 0) as minutes_per_entry,
    business_date as usage_date
from entries
group by gym_id, business_date, facility, hour_of_day
