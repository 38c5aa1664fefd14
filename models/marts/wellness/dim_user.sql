with days as (

    select * from {{ ref('int_lifelog_deduplicated') }}

),

spans as (

    select
        lifelog_user_id,
        count(*) as day_count,
        min(activity_date) as first_date,
        max(activity_date) as last_date
    from days
    group by lifelog_user_id

),

-- The newest day that knows it: not every export carries age, gender or height.
latest as (

    select
        lifelog_user_id,
        {{ first_known('gender') }} over newest_first as gender,
        {{ first_known('age') }} over newest_first as age,
        {{ first_known('height_cm') }} over newest_first as height_cm,
        {{ first_known('bmi') }} over newest_first as bmi,
        row_number() over (partition by lifelog_user_id order by activity_date desc) as newness
    from days
    window newest_first as (
        partition by lifelog_user_id order by activity_date desc
        rows between unbounded preceding and unbounded following
    )

),

age_bands as (

    select * from {{ ref('age_bands') }}

)

select
    {{ surrogate_key(["'lifelog user'", 'spans.lifelog_user_id']) }} as user_key,
    spans.lifelog_user_id,
    coalesce(age_bands.age_band, 'unknown') as age_band,
    latest.gender,
    {{ bmi_category('latest.bmi') }} as bmi_category,
    latest.height_cm,
    spans.day_count,
    spans.first_date,
    spans.last_date
from spans
inner join latest
    on
        spans.lifelog_user_id = latest.lifelog_user_id
        and latest.newness = 1
left join age_bands
    on latest.age between age_bands.lowest_age and age_bands.highest_age
