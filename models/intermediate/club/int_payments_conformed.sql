with payments as (

    select * from {{ ref('int_payments_deduplicated') }}

),

invoices as (

    select * from {{ ref('int_invoices_deduplicated') }}

),

locations as (

    select * from {{ ref('int_locations_conformed') }}

),

located as (

    select
        payments.*,
        coalesce(invoices.gym_id, -1) as gym_id,
        invoices.invoice_id is not null as is_known_invoice,
        coalesce(locations.time_zone, '{{ var("default_time_zone") }}') as time_zone
    from payments
    left join invoices
        on payments.invoice_id = invoices.invoice_id
    left join locations
        on invoices.gym_id = locations.gym_id

),

zone_days as (

    {{ zone_days('located', 'paid_at') }}

)

select
    located.payment_id,
    located.invoice_id,
    located.member_id,
    located.gym_id,
    located.payment_method,
    located.payment_status,
    located.currency,
    located.payment_amount,
    located.is_known_invoice,
    {{ zoned_date('located', 'paid_at') }} as paid_date,
    located.paid_at
from located
left join zone_days
    on {{ on_zone_day('located', 'paid_at') }}
