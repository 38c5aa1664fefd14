with source as (

    select * from {{ source('club', 'bookings') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        booking_id,
        class_session_id,
        member_id,

        -- strings
        channel,
        currency,

        -- numbers
        paid as paid_amount,

        -- times
        booked_at,
        cancelled_at,
        updated_at
    from source

)

select * from renamed
