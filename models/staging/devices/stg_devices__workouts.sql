with source as (

    select * from {{ source('devices', 'workouts') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        user_id as member_id,
        workout_id,
        session_id,

        -- strings
        {{ lower_trimmed('action') }} as action,

        -- times
        {{ epoch_to_timestamp('source.timestamp') }} as event_at
    from source

)

select * from renamed
