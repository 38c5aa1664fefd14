-- Weeks and months of the app both hold all events that silver tells of, each once.
with events as (

    select count(*) as event_count
    from {{ ref('int_app_events_conformed') }}
    where {{ until_as_of('event_date') }}

),

periods as (

    select
        sum(case when period = 'week' then event_count end) as in_weeks,
        sum(case when period = 'month' then event_count end) as in_months,
        sum(case when period = 'week' then session_count end) as sessions_in_weeks,
        sum(case when period = 'month' then session_count end) as sessions_in_months
    from {{ ref('app_engagement') }}

)

select
    events.event_count,
    periods.*
from events
cross join periods
where
    events.event_count <> coalesce(periods.in_weeks, 0)
    or events.event_count <> coalesce(periods.in_months, 0)
    or periods.sessions_in_weeks <> periods.sessions_in_months
