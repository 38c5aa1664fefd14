with judged as (

    select * from {{ ref('int_members_judged') }}
    where quarantine_rule is null

),

-- The newest row of a member wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by member_id
            order by
                updated_at desc nulls last,
                home_gym_id desc nulls last,
                email_hash desc nulls last,
                sex desc nulls last,
                lead_source desc nulls last,
                birth_date desc nulls last,
                joined_date desc nulls last
        ) as newness,
        count(*) over (partition by member_id) as copies_count
    from judged

)

select
    member_id,
    home_gym_id,
    email_hash,
    sex,
    lead_source,
    copies_count,
    birth_date,
    joined_date,
    updated_at
from ranked
where newness = 1
