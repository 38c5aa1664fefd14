with source as (

    select * from {{ source('club', 'class_types') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        class_type_code,

        -- strings
        class_name,
        category as class_category,

        -- times
        updated_at
    from source

)

select * from renamed
