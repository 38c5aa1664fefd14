with source as (

    select * from {{ source('club', 'locations') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        gym as gym_id,

        -- strings
        location_name,
        city,
        state,
        country,
        time_zone,

        -- times
        {{ epoch_to_timestamp('updated_at') }} as updated_at
    from source

)

select * from renamed
