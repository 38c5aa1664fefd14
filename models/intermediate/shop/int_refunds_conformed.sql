with refunds as (

    select * from {{ ref('int_refunds_deduplicated') }}

),

sales as (

    select * from {{ ref('int_sales_conformed') }}

),

locations as (

    select * from {{ ref('int_locations_conformed') }}

)

-- Money goes back where it was taken: gym, member and product are those of the sale.
select
    refunds.refund_id,
    refunds.sale_id,
    refunds.line_number,
    coalesce(sales.gym_id, -1) as gym_id,
    sales.member_id,
    sales.product_sku,
    sales.sku,
    refunds.refund_reason,
    refunds.currency,
    refunds.quantity,
    refunds.refund_amount,
    sales.sale_id is not null as is_known_sale,
    sales.product_sku is null as is_unmapped_sku,
    coalesce(sales.is_known_member, false) as is_known_member,
    coalesce(sales.is_known_gym, false) as is_known_gym,
    {{ local_date('refunds.refunded_at', "coalesce(locations.time_zone, '" ~ var('default_time_zone') ~ "')") }}
        as refund_date,
    refunds.refunded_at
from refunds
left join sales
    on
        refunds.sale_id = sales.sale_id
        and refunds.line_number = sales.line_number
left join locations
    on sales.gym_id = locations.gym_id
