with events as (

    select * from {{ ref('int_workout_events_deduplicated') }}

),

-- A stop and a start in the same second: the stop ends what was, the start begins anew.
neighbours as (

    select
        *,
        lead(action) over (
            partition by member_id, workout_id, session_id order by event_at, action desc
        ) as next_action,
        lead(event_at) over (
            partition by member_id, workout_id, session_id order by event_at, action desc
        ) as next_event_at,
        lag(action) over (
            partition by member_id, workout_id, session_id order by event_at, action desc
        ) as previous_action
    from events

),

sessions as (

    select
        member_id,
        workout_id,
        session_id,
        case
            when action = 'stop' then 'no_start'
            when coalesce(next_action, 'none') != 'stop' then 'no_stop'
            when {{ seconds_between('event_at', 'next_event_at') }} >= 3 * 3600 then 'too_long'
        end as incomplete_reason,
        case when action = 'start' then event_at end as started_at,
        case when action = 'stop' then event_at when next_action = 'stop' then next_event_at end as stopped_at
    from neighbours
    where action = 'start' or coalesce(previous_action, 'none') != 'start'

)

select
    -- A stop without a start may fall into the second in which another session of these numbers begins.
    {{ surrogate_key([
        'member_id', 'workout_id', 'session_id',
        "case when started_at is null then 'no start' end",
        seconds_between("cast('1970-01-01' as timestamp)", 'coalesce(started_at, stopped_at)')
    ]) }} as workout_key,
    member_id,
    workout_id,
    session_id,
    incomplete_reason,
    incomplete_reason is null as is_complete,
    started_at,
    stopped_at
from sessions
