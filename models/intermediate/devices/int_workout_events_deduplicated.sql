-- depends_on: {{ ref('int_rows_quarantined') }}
{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'event_date',
        'reads': {'int_members_known': 'unwatched', 'int_rows_quarantined': {'batches': True}},
    },
) }}

with judged as (

    select * from {{ touched('int_workout_events_judged') }}
    where quarantine_rule is null

)

select
    member_id,
    workout_id,
    session_id,
    action,
    count(*) as copies_count,
    event_at,
    event_date
from judged
group by member_id, workout_id, session_id, action, event_at, event_date
