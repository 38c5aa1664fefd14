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

located as (

    select
        sales.*,
        coalesce(not locations.is_unmapped, false) as is_known_gym,
        coalesce(locations.time_zone, '{{ var("default_time_zone") }}') as time_zone
    from sales
    left join locations
        on sales.gym_id = locations.gym_id

),

zone_days as (

    {{ zone_days('located', 'sold_at') }}

)

select
    located.sale_id,
    located.line_number,
    coalesce(located.gym_id, -1) as gym_id,
    located.till_id,
    located.member_id,
    skus.product_sku,
    located.sku,
    located.currency,
    located.quantity,
    located.price_amount,
    coalesce(located.discount_amount, 0) as discount_amount,
    cast(located.quantity * located.price_amount - coalesce(located.discount_amount, 0) as decimal(18, 2))
        as net_amount,
    located.tax_amount,
    skus.product_sku is null as is_unmapped_sku,
    members.member_id is not null as is_known_member,
    located.is_known_gym,
    {{ zoned_date('located', 'sold_at') }} as sale_date,
    located.sold_at
from located
left join zone_days
    on {{ on_zone_day('located', 'sold_at') }}
left join skus
    on located.sku = skus.sku
left join members
    on located.member_id = members.member_id
