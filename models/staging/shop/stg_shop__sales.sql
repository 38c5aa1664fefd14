with source as (

    select * from {{ source('shop', 'sales') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        sale_id,
        line_number,
        gym as gym_id,
        till as till_id,
        member_id,

        -- strings
        sku,
        currency,

        -- numbers
        quantity,
        unit_price as price_amount,
        discount as discount_amount,
        tax as tax_amount,

        -- times
        sold_at
    from source

)

select * from renamed
