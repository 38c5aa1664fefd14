-- Day by day or at once: the days of an invoice add up to its net amount when its time is over, and to the share of the
-- days gone while it runs.
with as_of as (

    select * from {{ ref('int_as_of') }}

),

invoices as (

    select
        invoices.gym_id,
        invoices.currency,
        case
            when invoices.period_to_date <= {{ add_days('as_of.as_of_date', 1) }}
                then {{ cents('invoices.net_amount') }}
            when invoices.period_from_date > as_of.as_of_date then 0
            else {{ half_up(
                cents('invoices.net_amount'),
                '(' ~ day_number('as_of.as_of_date') ~ ' - ' ~ day_number('invoices.period_from_date') ~ ' + 1)',
                'invoices.period_day_count',
            ) }}
        end as earned_cents
    from {{ ref('int_invoices_conformed') }} as invoices
    cross join as_of

),

billed as (

    select
        gym_id,
        currency,
        cast(sum(earned_cents) as bigint) as earned_cents
    from invoices
    group by gym_id, currency

),

earned as (

    select
        gym_id,
        currency,
        cast(sum({{ cents('net_amount') }}) as bigint) as earned_cents
    from {{ ref('revenue_daily') }}
    where revenue_stream = 'membership'
    group by gym_id, currency

)

select
    coalesce(billed.gym_id, earned.gym_id) as gym_id,
    billed.earned_cents as billed_cents,
    earned.earned_cents
from billed
full outer join earned
    on
        billed.gym_id = earned.gym_id
        and billed.currency is not distinct from earned.currency
where coalesce(billed.earned_cents, 0) != coalesce(earned.earned_cents, 0)
