with source as (

    select * from {{ source('lifelog', 'daily') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        user_id as lifelog_user_id,

        -- strings
        {{ lower_trimmed('gender') }} as gender,
        {{ lower_trimmed('activity_type') }} as activity_type,

        -- numbers
        age,
        height_cm,
        steps,
        heart_rate_avg,
        sleep_hours,
        calories_burned,
        exercise_minutes,
        stress_level,
        weight_kg,
        bmi,

        -- times
        date as activity_date
    from source

)

select * from renamed
