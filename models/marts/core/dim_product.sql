with products as (

    select * from {{ ref('int_products_deduplicated') }}

),

-- A product that tills sell is one too, when the shop's list lacks it.
product_skus as (

    select product_sku from products
    union
    select product_sku from {{ ref('sku_patterns') }}

)

select
    {{ surrogate_key(["'product'", 'product_skus.product_sku']) }} as product_key,
    product_skus.product_sku,
    coalesce(products.product_name, 'unmapped') as product_name,
    coalesce(products.product_category, 'unknown') as product_category,
    products.currency,
    products.price_amount as shelf_price_amount,
    products.cost_amount,
    products.product_sku is null as is_unmapped
from product_skus
left join products
    on product_skus.product_sku = products.product_sku
