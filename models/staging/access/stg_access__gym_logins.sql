with source as (

    select * from {{ source('access', 'gym_logins') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        gym as gym_id,

        -- strings
        {{ lower_trimmed('mac_address') }} as mac_address,

        -- times
        login as login_epoch,
        {{ epoch_to_timestamp('login') }} as login_at,
        {{ epoch_to_timestamp('logout') }} as logout_at
    from source

)

select * from renamed
