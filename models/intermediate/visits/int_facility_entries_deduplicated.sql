with judged as (

    select * from {{ ref('int_facility_entries_judged') }}
    where quarantine_rule is null

),

-- An entry may come again once the way out is known: the latest one wins, content settles the rest.
ranked as (

    select
        *,
        row_number() over (
            partition by facility_entry_id
            order by
                left_at desc nulls last,
                entered_at,
                gym_id,
                member_id,
                facility nulls last
        ) as newness,
        count(*) over (partition by facility_entry_id) as copies_count
    from judged

)

select
    facility_entry_id,
    member_id,
    gym_id,
    facility,
    copies_count,
    entered_at,
    left_at
from ranked
where newness = 1
