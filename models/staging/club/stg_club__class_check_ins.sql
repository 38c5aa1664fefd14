with source as (

    select * from {{ source('club', 'class_check_ins') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        check_in_id,
        class_session_id,
        member_id,
        booking_id,

        -- times
        checked_in_at
    from source

)

select * from renamed
