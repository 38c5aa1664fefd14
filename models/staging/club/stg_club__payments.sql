with source as (

    select * from {{ source('club', 'payments') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        payment_id,
        invoice_id,
        member_id,

        -- strings
        currency,
        {{ lower_trimmed('method') }} as payment_method,
        {{ lower_trimmed('status') }} as payment_status,

        -- numbers
        amount as payment_amount,

        -- times
        paid_at
    from source

)

select * from renamed
