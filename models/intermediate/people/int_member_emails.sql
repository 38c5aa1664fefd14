-- Every address that a member ever had finds them; one that several had finds who had it last.
with judged as (

    select * from {{ ref('int_members_judged') }}
    where
        quarantine_rule is null
        and email_hash is not null

),

ranked as (

    select
        email_hash,
        member_id,
        row_number() over (partition by email_hash order by updated_at desc nulls last, member_id) as newness
    from judged

)

select
    email_hash,
    member_id
from ranked
where newness = 1
