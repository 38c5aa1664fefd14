{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'occurred_date',
        'reads': {'int_members_located': {'key': 'member_id', 'through': 'int_app_events_deduplicated'}},
    },
) }}

with events as (

    select * from {{ touched('int_app_events_deduplicated') }}

),

members as (

    select * from {{ ref('int_members_located') }}

),

located as (

    select
        events.*,
        members.home_gym_id,
        members.member_id is not null as is_known_member,
        coalesce(members.time_zone, '{{ var("default_time_zone") }}') as time_zone
    from events
    left join members
        on events.member_id = members.member_id

),

zone_days as (

    {{ zone_days('located', 'occurred_at') }}

)

select
    located.app_event_key,
    located.event_id,
    located.member_id,
    located.class_session_id,
    located.home_gym_id,
    located.event_type,
    located.platform,
    located.goal_type,
    located.page,
    located.goal_target,
    located.goal_progress,
    located.is_known_member,
    located.occurred_at,
    {{ zoned_date('located', 'occurred_at') }} as event_date,
    located.occurred_date
from located
left join zone_days
    on {{ on_zone_day('located', 'occurred_at') }}
