with judged as (

    select * from {{ ref('int_class_check_ins_judged') }}
    where quarantine_rule is null

),

-- Somebody is signed in once: the first time counts, and the row that names its booking.
ranked as (

    select
        *,
        row_number() over (
            partition by check_in_id
            order by
                checked_in_at,
                booking_id nulls last,
                class_session_id,
                member_id
        ) as newness,
        count(*) over (partition by check_in_id) as copies_count
    from judged

)

select
    check_in_id,
    class_session_id,
    member_id,
    booking_id,
    copies_count,
    checked_in_at
from ranked
where newness = 1
