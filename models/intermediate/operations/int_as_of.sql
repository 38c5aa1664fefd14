{%- set today = "cast('" ~ var('as_of') ~ "' as date)" if var('as_of') else 'business_date' -%}

-- "Today" of this build: the variable `as_of`, else the newest business date in the data. No model reads the clock.
with business_dates as (

    select max(business_date) as business_date from {{ ref('int_gym_logins_conformed') }}
    union all
    select cast(max(event_at) as date) as business_date from {{ ref('int_workout_events_deduplicated') }}
    union all
    select cast(max(changed_at) as date) as business_date from {{ ref('int_member_profile_changes_deduplicated') }}
    union all
    select max(activity_date) as business_date from {{ ref('int_lifelog_deduplicated') }}

)

select coalesce(max({{ today }}), cast('1970-01-01' as date)) as as_of_date
from business_dates
