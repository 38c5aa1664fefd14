with judged as (

    select * from {{ ref('int_workout_events_judged') }}
    where quarantine_rule is null

)

select
    member_id,
    workout_id,
    session_id,
    action,
    count(*) as copies_count,
    event_at
from judged
group by member_id, workout_id, session_id, action, event_at
