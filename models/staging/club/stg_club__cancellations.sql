with source as (

    select * from {{ source('club', 'cancellations') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        cancellation_id,
        membership_id,
        member_id,

        -- strings
        reason as typed_reason,
        {{ lower_trimmed('channel') }} as cancellation_channel,

        -- times
        effective_on as effective_date,
        requested_at
    from source

)

select * from renamed
