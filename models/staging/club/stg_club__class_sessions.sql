with source as (

    select * from {{ source('club', 'class_sessions') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        class_session_id,
        class_type_code,
        instructor_id,
        gym as gym_id,

        -- strings
        status as session_status,
        currency,

        -- numbers
        capacity,
        drop_in_price as drop_in_amount,

        -- times
        starts_at,
        ends_at,
        updated_at
    from source

)

select * from renamed
