-- The rows over all plans and gyms are the sums of those of single ones.
with churn as (

    select * from {{ ref('churn_rate') }}

),

single as (

    select
        month_start_date,
        sum(members_at_start) as members_at_start,
        sum(members_left) as members_left,
        sum(members_at_start_not_at_end) as members_at_start_not_at_end,
        sum(members_at_end) as members_at_end
    from churn
    where
        plan_code != 'all'
        and gym_id != 0
    group by month_start_date

),

total as (

    select * from churn
    where
        plan_code = 'all'
        and gym_id = 0

)

select total.*
from total
full outer join single
    on total.month_start_date = single.month_start_date
where
    total.members_at_start is distinct from single.members_at_start
    or total.members_left is distinct from single.members_left
    or total.members_at_start_not_at_end is distinct from single.members_at_start_not_at_end
    or total.members_at_end is distinct from single.members_at_end
