{%- set zone = "coalesce(locations.time_zone, '" ~ var('default_time_zone') ~ "')" %}

with payments as (

    select * from {{ ref('int_payments_deduplicated') }}

),

invoices as (

    select * from {{ ref('int_invoices_deduplicated') }}

),

locations as (

    select * from {{ ref('int_locations_conformed') }}

),

zone_days as (

    {{ zone_days('locations', 'payments', 'paid_at') }}

)

select
    payments.payment_id,
    payments.invoice_id,
    payments.member_id,
    coalesce(invoices.gym_id, -1) as gym_id,
    payments.payment_method,
    payments.payment_status,
    payments.currency,
    payments.payment_amount,
    invoices.invoice_id is not null as is_known_invoice,
    {{ zoned_date('payments.paid_at', zone) }} as paid_date,
    payments.paid_at
from payments
left join invoices
    on payments.invoice_id = invoices.invoice_id
left join locations
    on invoices.gym_id = locations.gym_id
left join zone_days
    on {{ on_zone_day('payments.paid_at', zone) }}
