with judged as (

    select * from {{ ref('int_class_types_judged') }}
    where quarantine_rule is null

),

-- The newest row of a kind of class wins; equal times are settled by content.
ranked as (

    select
        *,
        row_number() over (
            partition by class_type_code
            order by
                updated_at desc,
                class_name desc nulls last,
                class_category desc nulls last
        ) as newness,
        count(*) over (partition by class_type_code) as copies_count
    from judged

)

select
    class_type_code,
    class_name,
    class_category,
    copies_count,
    updated_at
from ranked
where newness = 1
