{%- set zone = "coalesce(locations.time_zone, '" ~ var('default_time_zone') ~ "')" %}

with sales as (

    select * from {{ ref('int_sales_deduplicated') }}

),

skus as (

    select * from {{ ref('int_skus_mapped') }}

),

members as (

    select * from {{ ref('int_members_known') }}

),

locations as (

    select * from {{ ref('int_locations_conformed') }}

),

zone_days as (

    {{ zone_days('locations', 'sales', 'sold_at') }}

)

select
    sales.sale_id,
    sales.line_number,
    coalesce(sales.gym_id, -1) as gym_id,
    sales.till_id,
    sales.member_id,
    skus.product_sku,
    sales.sku,
    sales.currency,
    sales.quantity,
    sales.price_amount,
    coalesce(sales.discount_amount, 0) as discount_amount,
    cast(sales.quantity * sales.price_amount - coalesce(sales.discount_amount, 0) as decimal(18, 2)) as net_amount,
    sales.tax_amount,
    skus.product_sku is null as is_unmapped_sku,
    members.member_id is not null as is_known_member,
    coalesce(not locations.is_unmapped, false) as is_known_gym,
    {{ zoned_date('sales.sold_at', zone) }} as sale_date,
    sales.sold_at
from sales
left join skus
    on sales.sku = skus.sku
left join members
    on sales.member_id = members.member_id
left join locations
    on sales.gym_id = locations.gym_id
left join zone_days
    on {{ on_zone_day('sales.sold_at', zone) }}
