{{ config(materialized='sliced', meta={'slice_by': 'visit_date'}) }}

{%- set day_in_order = 'partition by member_id, gym_id, visit_date order by begins_at, access_key' %}

with accesses as (

    select * from {{ touched('int_accesses_dated') }}

),

followed as (

    select
        *,
        max(ends_at) over ({{ day_in_order }} rows between unbounded preceding and 1 preceding) as present_before
    from accesses

),

-- Whoever comes back after a longer gap than that visits again.
numbered as (

    select
        *,
        sum(
            case
                when
                    present_before is null
                    or {{ seconds_between('present_before', 'begins_at') }} > {{ var('visit_gap_minutes') }} * 60
                    then 1
                else 0
            end
        ) over ({{ day_in_order }} rows between unbounded preceding and current row) as visit_number
    from followed

)

select
    {{ surrogate_key(['member_id', 'gym_id', 'visit_date', 'visit_number']) }} as visit_key,
    member_id,
    gym_id,
    cast(visit_number as bigint) as visit_number,
    count(case when not is_repeat then 1 end) as access_count,
    count(case when not is_repeat and access_type = 'gym_login' then 1 end) as login_count,
    count(case when not is_repeat and access_type = 'class_check_in' then 1 end) as check_in_count,
    count(case when not is_repeat and access_type = 'facility_entry' then 1 end) as facility_entry_count,
    count(case when not is_open then 1 end) = 0 as is_open,
    visit_date,
    min(begins_at) as arrives_at,
    -- An open login tells no end.
    max(case when not is_open then ends_at end) as leaves_at,
    max(ends_at) as present_until
from numbered
group by member_id, gym_id, visit_date, visit_number
