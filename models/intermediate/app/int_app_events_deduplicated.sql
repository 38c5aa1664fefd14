{{ config(materialized='sliced', meta={'slice_by': 'occurred_date'}) }}

{%- set content = [
    'occurred_at', 'member_id', 'event_type', 'class_session_id', 'goal_type', 'goal_target', 'goal_progress', 'page',
    'platform', 'app_version',
] -%}

with judged as (

    select * from {{ touched('int_app_events_judged') }}
    where quarantine_rule is null

),

-- A phone that got no answer sends an event again under the same number, maybe with less of it: what tells most stays.
ranked as (

    select
        *,
        row_number() over (
            partition by event_id, occurred_date order by {{ content | join(' desc nulls last, ') }} desc nulls last
        ) as fullness,
        count(*) over (partition by event_id, occurred_date) as copies_count
    from judged

)

select
    {{ surrogate_key(["'app event'", 'event_id', 'occurred_date']) }} as app_event_key,
    event_id,
    member_id,
    class_session_id,
    event_type,
    platform,
    app_version,
    goal_type,
    page,
    goal_target,
    goal_progress,
    copies_count,
    occurred_at,
    occurred_date
from ranked
where fullness = 1
