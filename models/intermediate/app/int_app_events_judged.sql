{{ config(materialized='view') }}

with events as (

    select * from {{ ref('stg_app__events') }}

)

select
    *,
    cast(occurred_at as date) as occurred_date,
    case
        when not {{ is_plausible_time('occurred_at') }} then 'occurred_at_out_of_range'
        when
            event_type not in (
                'login', 'class_booked', 'class_cancelled', 'calendar_viewed', 'goal_set', 'goal_progress', 'browse'
            )
            then 'unknown_event_type'
    end as quarantine_rule
from events
