with source as (

    select * from {{ source('club', 'invoices') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        invoice_id,
        membership_id,
        member_id,
        gym as gym_id,
        {{ trimmed('plan_code') }} as plan_code,

        -- strings
        {{ lower_trimmed('kind') }} as invoice_kind,
        currency,

        -- numbers
        net as net_amount,
        tax as tax_amount,

        -- times
        invoiced_on as invoiced_date,
        period_from as period_from_date,
        period_to as period_to_date
    from source

)

select * from renamed
