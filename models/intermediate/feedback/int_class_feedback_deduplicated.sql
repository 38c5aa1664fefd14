with judged as (

    select * from {{ ref('int_class_feedback_judged') }}
    where quarantine_rule is null

),

-- Whoever answers once more has changed their mind: the newest answer wins, content settles the rest.
ranked as (

    select
        *,
        row_number() over (
            partition by response_id
            order by
                submitted_at desc nulls last,
                class_session_id desc,
                rating desc nulls last,
                would_recommend desc nulls last,
                email_hash desc nulls last
        ) as newness,
        count(*) over (partition by response_id) as copies_count
    from judged

)

select
    response_id,
    class_session_id,
    email_hash,
    rating,
    would_recommend,
    copies_count,
    submitted_at
from ranked
where newness = 1
