with as_of as (

    select * from {{ ref('int_as_of') }}

),

sales as (

    select * from {{ ref('int_sales_conformed') }}

),

refunds as (

    select * from {{ ref('int_refunds_conformed') }}

),

lines as (

    select
        'sale' as kind,
        sale_id,
        cast(null as bigint) as refund_id,
        line_number,
        gym_id,
        member_id,
        product_sku,
        sku,
        currency,
        quantity,
        net_amount,
        tax_amount,
        is_unmapped_sku as is_unmapped,
        true as is_known_sale,
        is_known_member,
        is_known_gym,
        sale_date,
        sold_at
    from sales
    union all
    select
        'refund' as kind,
        sale_id,
        refund_id,
        line_number,
        gym_id,
        member_id,
        product_sku,
        sku,
        currency,
        -quantity as quantity,
        cast(-refund_amount as decimal(18, 2)) as net_amount,
        cast(null as decimal(12, 2)) as tax_amount,
        is_unmapped_sku as is_unmapped,
        is_known_sale,
        is_known_member,
        is_known_gym,
        refund_date as sale_date,
        refunded_at as sold_at
    from refunds

)

select
    {{ surrogate_key(['lines.kind', 'lines.sale_id', 'lines.line_number', 'lines.refund_id']) }} as sale_key,
    case when lines.member_id is not null then {{ member_key('lines.member_id') }} end as member_key,
    lines.sale_id,
    lines.refund_id,
    lines.line_number,
    lines.gym_id,
    lines.member_id,
    lines.product_sku,
    lines.kind,
    lines.sku,
    lines.currency,
    lines.quantity,
    lines.net_amount,
    lines.tax_amount,
    lines.is_unmapped,
    lines.is_known_sale,
    lines.is_known_member,
    lines.is_known_gym,
    lines.sale_date,
    lines.sold_at
from lines
cross join as_of
where lines.sale_date <= as_of.as_of_date
