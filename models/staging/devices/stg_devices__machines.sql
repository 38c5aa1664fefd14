with source as (

    select * from {{ source('devices', 'machines') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        machine_id,
        gym as gym_id,

        -- strings
        {{ lower_trimmed('machine_type') }} as machine_type,
        {{ trimmed('model') }} as machine_model,

        -- times
        installed_on as installed_date,
        updated_at
    from source

)

select * from renamed
