with as_of as (

    select * from {{ ref('int_as_of') }}

),

first_events as (

    select min(effective_date) as first_date from {{ ref('int_membership_events_conformed') }}

),

bounds as (

    select
        as_of.as_of_date,
        cast(date_trunc('month', first_events.first_date) as date) as first_day
    from as_of
    cross join first_events

),

days as (

    select
        as_of_date,
        {{ explode_days('first_day', 'as_of_date') }} as date_day
    from bounds

),

-- 31 days after the first of a month lies the next one.
months as (

    select
        as_of_date,
        date_day as month_start_date,
        cast(date_trunc('month', {{ add_days('date_day', 31) }}) as date) as next_month_start_date
    from days
    where extract(day from date_day) = 1

)

select
    cast(row_number() over (order by month_start_date) as bigint) as months_so_far,
    month_start_date,
    least({{ add_days('next_month_start_date', -1) }}, as_of_date) as month_end_date
from months
