{{ config(materialized='sliced', meta={'slice_by': 'visit_date'}) }}

with visits as (

    select * from {{ touched('int_visits_assembled') }}

)

select
    visit_key,
    {{ member_key('member_id') }} as member_key,
    member_id,
    gym_id,
    cast({{ seconds_between('arrives_at', 'leaves_at') }} as double) / 60 as minutes_in_gym,
    access_count,
    login_count,
    check_in_count,
    facility_entry_count,
    is_open,
    visit_date,
    arrives_at,
    leaves_at
from visits
where {{ until_as_of('visit_date') }}
