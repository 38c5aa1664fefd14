{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'occurred_date',
        'reads': {'int_members_located': {'key': 'member_id', 'through': 'int_app_events_deduplicated'}},
    },
) }}

{%- set zone = "coalesce(members.time_zone, '" ~ var('default_time_zone') ~ "')" %}

with events as (

    select * from {{ touched('int_app_events_deduplicated') }}

),

members as (

    select * from {{ ref('int_members_located') }}

),

zone_days as (

    {{ zone_days('members', 'events', 'occurred_at') }}

)

select
    events.app_event_key,
    events.event_id,
    events.member_id,
    events.class_session_id,
    members.home_gym_id,
    events.event_type,
    events.platform,
    events.goal_type,
    events.page,
    events.goal_target,
    events.goal_progress,
    members.member_id is not null as is_known_member,
    events.occurred_at,
    {{ zoned_date('events.occurred_at', zone) }} as event_date,
    events.occurred_date
from events
left join members
    on events.member_id = members.member_id
left join zone_days
    on {{ on_zone_day('events.occurred_at', zone) }}
