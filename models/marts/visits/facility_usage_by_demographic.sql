with entries as (

    select * from {{ ref('int_facility_entries_conformed') }}
    where {{ until_as_of('business_date') }}

),

members as (

    select * from {{ ref('dim_member') }}

),

described as (

    select
        entries.gym_id,
        coalesce(entries.facility, 'unknown') as facility,
        coalesce(members.age_band, 'unknown') as age_band,
        coalesce(members.sex, 'unknown') as sex,
        entries.member_id,
        entries.entered_at,
        entries.left_at,
        {{ month_start('entries.business_date') }} as month_start_date
    from entries
    left join members
        on entries.member_id = members.member_id

)

select
    {{ surrogate_key(['gym_id', 'month_start_date', 'facility', 'age_band', 'sex']) }} as facility_demographic_key,
    gym_id,
    facility,
    age_band,
    sex,
    count(*) as entry_count,
    count(distinct member_id) as member_count,
    cast(sum({{ seconds_between('entered_at', 'left_at') }}) as double)
    / 60 / nullif(count(left_at), 0) as minutes_per_entry,
    month_start_date
from described
group by gym_id, month_start_date, facility, age_band, sex
