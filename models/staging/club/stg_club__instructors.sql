with source as (

    select * from {{ source('club', 'instructors') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        instructor_id,
        home_gym as home_gym_id,

        -- strings
        stage_name,

        -- times
        hired_on as hired_date,
        left_on as left_date,
        updated_at
    from source

)

select * from renamed
