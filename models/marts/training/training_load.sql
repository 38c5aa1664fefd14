with workouts as (

    select * from {{ ref('workout_load') }}

),

days as (

    select
        member_key,
        member_id,
        business_date as load_date,
        {{ day_number('business_date') }} as day_number,
        count(*) as workout_count,
        sum(weighed_seconds) as weighed_seconds,
        sum(trimp) as trimp
    from workouts
    group by member_key, member_id, business_date

),

-- Calendar days, today counted: a day without training adds nothing and still counts.
rolling as (

    select
        *,
        min(day_number) over (partition by member_key) as first_day_number,
        sum(trimp) over (
            partition by member_key order by day_number
            range between 6 preceding and current row
        ) as trimp_7d,
        sum(trimp) over (
            partition by member_key order by day_number
            range between 41 preceding and current row
        ) as trimp_42d
    from days

),

loads as (

    select
        *,
        cast(trimp_7d as double) / 7 as acute_load,
        cast(trimp_42d as double) / 42 as chronic_load
    from rolling

)

select
    {{ surrogate_key(["'training day'", 'member_id', 'load_date']) }} as training_day_key,
    member_key,
    member_id,
    load_date,
    workout_count,
    cast(weighed_seconds as double) / 60 as weighed_minutes,
    cast(trimp as double) as trimp,
    cast(trimp_7d as double) as trimp_7d,
    cast(trimp_42d as double) as trimp_42d,
    acute_load,
    chronic_load,
    -- Before six weeks have passed since the first day, the mean over them says too little.
    case when day_number - first_day_number >= 41 then acute_load / nullif(chronic_load, 0) end as load_ratio
from loads
