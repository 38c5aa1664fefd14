with judged as (

    select * from {{ ref('int_instructors_judged') }}
    where quarantine_rule is null

),

-- The newest row of an instructor wins; equal times are settled by content, so that arrival order cannot matter.
ranked as (

    select
        *,
        row_number() over (
            partition by instructor_id
            order by
                updated_at desc,
                left_date desc nulls last,
                hired_date desc nulls last,
                stage_name desc nulls last,
                home_gym_id desc nulls last
        ) as newness,
        count(*) over (partition by instructor_id) as copies_count
    from judged

)

select
    instructor_id,
    home_gym_id,
    stage_name,
    copies_count,
    hired_date,
    left_date,
    updated_at
from ranked
where newness = 1
