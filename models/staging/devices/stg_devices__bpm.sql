with source as (

    select * from {{ source('devices', 'bpm') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        device_id,

        -- numbers
        heartrate as bpm,

        -- times
        -- `time` alone is a type.
        source.time as measured_epoch, -- noqa: RF03
        {{ epoch_to_timestamp('source.time') }} as measured_at
    from source

)

select * from renamed
