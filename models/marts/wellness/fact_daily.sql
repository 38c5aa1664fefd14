{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'activity_date',
        'reads': {'int_lifelog_deduplicated': {'days': [29, 0]}},
    },
) }}

with days as (

    select
        *,
        {{ day_number('activity_date') }} as day_number
    from {{ touched('int_lifelog_deduplicated') }}

),

-- Thirty calendar days, today counted; days without an export are simply not there.
rolling as (

    select
        *,
        cast(sum(steps) over last_30_days as double) / nullif(count(steps) over last_30_days, 0) as steps_30d_avg,
        cast(sum(calories_burned) over last_30_days as double)
        / nullif(count(calories_burned) over last_30_days, 0) as calories_30d_avg,
        cast(sum(exercise_minutes) over last_30_days as double)
        / nullif(count(exercise_minutes) over last_30_days, 0) as exercise_minutes_30d_avg,
        cast(sum(stress_level) over last_30_days as double)
        / nullif(count(stress_level) over last_30_days, 0) as stress_30d_avg,
        weight_kg - {{ first_known('weight_kg') }} over last_30_days as weight_30d_change_kg,
        cast(stress_level - {{ first_known('stress_level') }} over last_30_days as int) as stress_30d_change
    from days
    window last_30_days as (
        partition by lifelog_user_id order by day_number
        range between 29 preceding and current row
    )

),

energy as (

    select
        *,
        {{ basal_metabolic_rate('weight_kg', 'height_cm', 'age', 'gender') }} as bmr_kcal
    from rolling

)

select
    {{ surrogate_key(["'lifelog day'", 'lifelog_user_id', 'activity_date']) }} as daily_key,
    {{ surrogate_key(["'lifelog user'", 'lifelog_user_id']) }} as user_key,
    {{ surrogate_key(["'activity'", "coalesce(activity_type, 'unknown')"]) }} as activity_key,
    lifelog_user_id,
    activity_date,
    {{ activity_level('steps') }} as activity_level,
    {{ sleep_quality('sleep_hours') }} as sleep_quality,
    {{ bmi_category('bmi') }} as bmi_category,
    steps,
    cast(heart_rate_avg as double) as heart_rate_avg,
    cast(sleep_hours as double) as sleep_hours,
    cast(calories_burned as double) as calories_burned,
    cast(exercise_minutes as double) as exercise_minutes,
    stress_level,
    cast(weight_kg as double) as weight_kg,
    cast(bmi as double) as bmi,
    steps_30d_avg,
    calories_30d_avg,
    exercise_minutes_30d_avg,
    stress_30d_avg,
    {{ clamp('weight_30d_change_kg', -5, 5) }} as weight_30d_change_kg,
    stress_30d_change,
    bmr_kcal,
    cast(calories_burned as double) - bmr_kcal as caloric_balance_kcal
from energy
