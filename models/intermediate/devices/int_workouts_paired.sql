{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'workout_date',
        'reads': {'int_workout_events_deduplicated': {'days': [1, 1]}},
    },
) }}

with events as (

    select * from {{ touched('int_workout_events_deduplicated') }}

),

-- A stop and a start in the same second: the stop ends what was, the start begins anew.
neighbours as (

    select
        *,
        lead(action) over sessions as next_action,
        lead(event_at) over sessions as next_event_at,
        lag(action) over sessions as previous_action,
        lag(event_at) over sessions as previous_event_at
    from events
    window sessions as (partition by member_id, workout_id, session_id order by event_at, action desc)

),

-- A stop more than a day after the start is another story: numbers of sessions are used again.
paired as (

    select
        *,
        coalesce(
            action = 'start'
            and next_action = 'stop'
            and {{ seconds_between('event_at', 'next_event_at') }} <= 24 * 3600,
            false
        ) as is_stopped,
        coalesce(
            action = 'stop'
            and previous_action = 'start'
            and {{ seconds_between('previous_event_at', 'event_at') }} <= 24 * 3600,
            false
        ) as is_started
    from neighbours

),

sessions as (

    select
        member_id,
        workout_id,
        session_id,
        case
            when action = 'stop' then 'no_start'
            when not is_stopped then 'no_stop'
            when {{ seconds_between('event_at', 'next_event_at') }} >= 3 * 3600 then 'too_long'
        end as incomplete_reason,
        case when action = 'start' then event_at end as started_at,
        case when action = 'stop' then event_at when is_stopped then next_event_at end as stopped_at
    from paired
    where not is_started

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
    stopped_at,
    cast(coalesce(started_at, stopped_at) as date) as workout_date
from sessions
