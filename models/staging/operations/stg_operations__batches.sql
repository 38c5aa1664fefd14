with source as (

    select * from {{ source('operations', 'batches') }}

),

renamed as (

    select
        -- ids
        batch,

        -- strings
        source_name,
        table_name,
        source_file,

        -- numbers
        rows_read,
        rows_landed,
        rows_rejected,

        -- times
        landed_at,
        retired_at,
        rejects_retired_at
    from source

)

select * from renamed
