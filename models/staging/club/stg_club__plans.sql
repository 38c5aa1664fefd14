with source as (

    select * from {{ source('club', 'plans') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        {{ trimmed('plan_code') }} as plan_code,

        -- strings
        plan_name,
        {{ lower_trimmed('billing_period') }} as billing_period,
        currency,

        -- numbers
        price as price_amount,

        -- flags
        is_complimentary,
        includes_classes,

        -- times
        updated_at
    from source

)

select * from renamed
