{{ config(materialized='sliced', meta={'slice_by': 'activity_date'}) }}

{%- set measures = [
    'steps', 'calories_burned', 'exercise_minutes', 'heart_rate_avg', 'sleep_hours', 'stress_level', 'weight_kg',
    'bmi', 'age', 'height_cm',
] -%}

with judged as (

    select * from {{ touched('int_lifelog_judged') }}
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
                {{ measure }} desc nulls last,
                {%- endfor %}
                activity_type nulls first,
                gender nulls first
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
    {{ exact_decimal('heart_rate_avg', 12, 4) }} as heart_rate_avg,
    {{ exact_decimal('sleep_hours', 12, 4) }} as sleep_hours,
    {{ exact_decimal('calories_burned', 12, 4) }} as calories_burned,
    {{ exact_decimal('exercise_minutes', 12, 4) }} as exercise_minutes,
    stress_level,
    {{ exact_decimal('weight_kg', 12, 4) }} as weight_kg,
    {{ exact_decimal('bmi', 12, 4) }} as bmi,
    copies_count,
    activity_date
from ranked
where fullness = 1
