with source as (

    select * from {{ source('operations', 'rejects') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,

        -- strings
        _source_name as source_name,
        _table_name as table_name,
        _source as source_file,
        _column as column_name,
        _reason as reason,

        -- times
        _landed_at as landed_at
    from source

)

select * from renamed
