with source as (

    select * from {{ source('app', 'events') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        event_id,
        member_id,
        class_session_id,

        -- strings
        {{ lower_trimmed('event_type') }} as event_type,
        {{ lower_trimmed('platform') }} as platform,
        {{ trimmed('app_version') }} as app_version,
        {{ lower_trimmed('goal_type') }} as goal_type,
        {{ lower_trimmed('page') }} as page,

        -- numbers
        goal_target,
        goal_progress,

        -- times
        occurred_at
    from source

)

select * from renamed
