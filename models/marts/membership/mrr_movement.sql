with member_months as (

    select * from {{ ref('member_month_status') }}

),

-- Once there, a member has a row in every month.
before as (

    select
        *,
        lag(status) over (partition by member_id order by month_start_date) as opening_status,
        coalesce(lag(mrr_amount) over (partition by member_id order by month_start_date), 0) as opening_mrr_amount
    from member_months

),

changed as (

    select * from before
    where mrr_amount != opening_mrr_amount

)

select
    {{ surrogate_key(["'mrr_movement'", 'member_id', 'month_start_date']) }} as mrr_movement_key,
    member_key,
    member_id,
    gym_id,
    plan_code,
    case
        when opening_status is null and status = 'active' then 'new'
        when opening_status = 'left' and status = 'active' then 'reactivation'
        when opening_status = 'paused' and status = 'active' then 'resume'
        when opening_status = 'active' and status = 'paused' then 'pause'
        when opening_status = 'active' and status = 'left' then 'churn'
        when mrr_amount > opening_mrr_amount then 'expansion'
        else 'contraction'
    end as movement,
    cast(opening_mrr_amount as decimal(12, 2)) as opening_mrr_amount,
    mrr_amount as closing_mrr_amount,
    cast(mrr_amount - opening_mrr_amount as decimal(12, 2)) as movement_amount,
    is_known_member,
    is_known_gym,
    month_start_date
from changed
