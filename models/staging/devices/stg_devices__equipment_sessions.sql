with source as (

    select * from {{ source('devices', 'equipment_sessions') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        user_id as member_id,
        machine_id,

        -- numbers
        sets as set_count,
        reps as repetition_count,
        weight_kg as load_kg,

        -- times
        started as started_epoch,
        {{ epoch_to_timestamp('started') }} as started_at,
        {{ epoch_to_timestamp('ended') }} as ended_at
    from source

)

select * from renamed
