{%- set measures = [
    'steps', 'calories_burned', 'exercise_minutes', 'heart_rate_avg', 'sleep_hours', 'stress_level', 'weight_kg',
    'bmi', 'age', 'height_cm',
] -%}

with judged as (

    select * from {{ ref('int_lifelog_judged') }}
    where quarantine_rule is null

),

-- A day is exported again when the phone syncs late; the fullest summary of the day wins, content settles the rest.
ranked as (

    select
        *,
        row_number() over (
            partition by lifelog_user_id, activity_date
            order by
                {%- for measure in measures %}
                coalesce({{ measure }}, -1) desc,
                {%- endfor %}
                coalesce(activity_type, ''),
                coalesce(gender, '')
        ) as fullness,
        count(*) over (partition by lifelog_user_id, activity_date) as copies_count
    from judged

)

select
    lifelog_user_id,
    activity_type,
    gender,
    age,
    height_cm,
    steps,
    cast(heart_rate_avg as decimal(12, 4)) as heart_rate_avg,
    cast(sleep_hours as decimal(12, 4)) as sleep_hours,
    cast(calories_burned as decimal(12, 4)) as calories_burned,
    cast(exercise_minutes as decimal(12, 4)) as exercise_minutes,
    stress_level,
    cast(weight_kg as decimal(12, 4)) as weight_kg,
    cast(bmi as decimal(12, 4)) as bmi,
    copies_count,
    activity_date
from ranked
where fullness = 1
