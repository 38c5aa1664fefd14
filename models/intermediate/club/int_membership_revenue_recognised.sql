with as_of as (

    select * from {{ ref('int_as_of') }}

),

-- Invoices that are alike earn alike: they are spread once and counted.
invoices as (

    select
        gym_id,
        currency,
        period_day_count,
        period_from_date,
        period_to_date,
        {{ cents('net_amount') }} as net_cents,
        count(*) as invoice_count
    from {{ ref('int_invoices_conformed') }}
    group by gym_id, currency, period_day_count, period_from_date, period_to_date, {{ cents('net_amount') }}

),

days as (

    select
        invoices.*,
        {{ explode_days(
            'invoices.period_from_date',
            'least(' ~ add_days('invoices.period_to_date', -1) ~ ', as_of.as_of_date)',
        ) }} as revenue_date
    from invoices
    cross join as_of

),

numbered as (

    select
        *,
        cast({{ day_number('revenue_date') }} - {{ day_number('period_from_date') }} + 1 as bigint) as day_of_period
    from days

),

-- Until and with the k-th of n days k/n of the cents are earned, rounded half up: the days add up to the invoice.
earned as (

    select
        gym_id,
        currency,
        revenue_date,
        cast(
            invoice_count * (
                {{ half_up('net_cents', 'day_of_period', 'period_day_count') }}
                - {{ half_up('net_cents', '(day_of_period - 1)', 'period_day_count') }}
            ) as bigint
        ) as earned_cents
    from numbered

),

summed as (

    select
        gym_id,
        currency,
        revenue_date,
        cast(sum(earned_cents) as bigint) as earned_cents
    from earned
    group by gym_id, currency, revenue_date

)

select
    gym_id,
    currency,
    {{ amount_of_cents('earned_cents', 18) }} as net_amount,
    revenue_date
from summed
