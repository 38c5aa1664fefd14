with source as (

    select * from {{ source('shop', 'refunds') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        refund_id,
        sale_id,
        line_number,

        -- strings
        {{ lower_trimmed('reason') }} as refund_reason,
        currency,

        -- numbers
        quantity,
        amount as refund_amount,

        -- times
        refunded_at
    from source

)

select * from renamed
