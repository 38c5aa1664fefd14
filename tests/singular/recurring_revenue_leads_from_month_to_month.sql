-- What members pay a month, plus all movements of the next month, is what they pay then: to the cent.
with months as (

    select
        month_start_date,
        sum(mrr_amount) as closing_amount
    from {{ ref('member_month_status') }}
    group by month_start_date

),

movements as (

    select
        month_start_date,
        sum(movement_amount) as movement_amount
    from {{ ref('mrr_movement') }}
    group by month_start_date

),

opened as (

    select
        month_start_date,
        closing_amount,
        coalesce(lag(closing_amount) over (order by month_start_date), 0) as opening_amount
    from months

)

select
    coalesce(opened.month_start_date, movements.month_start_date) as month_start_date,
    opened.opening_amount,
    movements.movement_amount,
    opened.closing_amount
from opened
full outer join movements
    on opened.month_start_date = movements.month_start_date
where coalesce(
    opened.opening_amount + coalesce(movements.movement_amount, 0) != opened.closing_amount,
    true
)
