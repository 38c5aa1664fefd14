with judged as (

    select * from {{ ref('int_class_sessions_judged') }}
    where quarantine_rule is null

),

-- The newest row of a session wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by class_session_id
            order by
                updated_at desc nulls last,
                session_status nulls last,
                starts_at desc,
                ends_at desc nulls last,
                gym_id desc nulls last,
                class_type_code desc nulls last,
                instructor_id desc nulls last,
                capacity desc nulls last,
                drop_in_amount desc nulls last,
                currency desc nulls last
        ) as newness,
        count(*) over (partition by class_session_id) as copies_count
    from judged

)

select
    class_session_id,
    class_type_code,
    instructor_id,
    gym_id,
    session_status,
    currency,
    capacity,
    drop_in_amount,
    copies_count,
    starts_at,
    ends_at,
    updated_at
from ranked
where newness = 1
