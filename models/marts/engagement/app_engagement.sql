{%- set event_types = [
    'login', 'class_booked', 'class_cancelled', 'calendar_viewed', 'goal_set', 'goal_progress', 'browse',
] -%}

with events as (

    select * from {{ ref('int_app_events_conformed') }}
    where {{ until_as_of('event_date') }}

),

followed as (

    select
        *,
        lag(occurred_at) over (partition by member_id order by occurred_at, app_event_key) as previous_at
    from events

),

-- After a pause that long the app is opened anew.
opened as (

    select
        *,
        previous_at is null
        or {{ seconds_between('previous_at', 'occurred_at') }} > {{ var('app_session_gap_minutes') }} * 60 as is_opening
    from followed

),

days as (

    select
        member_id,
        is_known_member,
        event_date,
        {%- for event_type in event_types %}
        count(case when event_type = '{{ event_type }}' then 1 end) as {{ event_type }}_count,
        {%- endfor %}
        count(case when is_opening then 1 end) as session_count,
        count(*) as event_count
    from opened
    group by member_id, is_known_member, event_date

),

periods as (

    select
        'week' as period,
        {{ iso_week_start('event_date') }} as period_start_date,
        *
    from days
    union all
    select
        'month' as period,
        {{ month_start('event_date') }} as period_start_date,
        *
    from days

)

select
    {{ surrogate_key(["'app engagement'", 'member_id', 'period', 'period_start_date']) }} as app_engagement_key,
    {{ member_key('member_id') }} as member_key,
    member_id,
    period,
    count(*) as active_day_count,
    cast(sum(session_count) as bigint) as session_count,
    cast(sum(event_count) as bigint) as event_count,
    {%- for event_type in event_types %}
    cast(sum({{ event_type }}_count) as bigint) as {{ event_type }}_count,
    {%- endfor %}
    is_known_member,
    period_start_date
from periods
group by member_id, is_known_member, period, period_start_date
