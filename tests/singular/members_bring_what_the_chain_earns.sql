-- What paying members brought together is never more than what the chain earned: nobody's money is told twice.
with told as (

    select
        sum(membership_revenue_amount) as membership_amount,
        sum(class_revenue_amount) as class_amount
    from {{ ref('member_ltv') }}

),

earned as (

    select
        coalesce(sum(net_amount) filter (where revenue_stream = 'membership'), 0) as membership_amount,
        coalesce(sum(net_amount) filter (where revenue_stream = 'class'), 0) as class_amount
    from {{ ref('revenue_daily') }}

)

select
    told.membership_amount as told_membership_amount,
    earned.membership_amount as earned_membership_amount,
    told.class_amount as told_class_amount,
    earned.class_amount as earned_class_amount
from told
cross join earned
where
    told.membership_amount > earned.membership_amount
    or told.class_amount > earned.class_amount
