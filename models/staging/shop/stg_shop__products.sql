with source as (

    select * from {{ source('shop', 'products') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        {{ trimmed('sku') }} as product_sku,

        -- strings
        product_name,
        {{ lower_trimmed('product_category') }} as product_category,
        currency,

        -- numbers
        price as price_amount,
        cost as cost_amount,

        -- times
        updated_at
    from source

)

select * from renamed
