with source as (

    select * from {{ source('devices', 'registered_devices') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        user_id as member_id,
        device_id,

        -- strings
        {{ lower_trimmed('mac_address') }} as mac_address,

        -- times
        {{ epoch_to_timestamp('registration_timestamp') }} as registered_at
    from source

)

select * from renamed
