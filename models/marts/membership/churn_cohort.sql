with first_memberships as (

    select
        member_id,
        cast(date_trunc('month', joined_date) as date) as cohort_month_start_date
    from {{ ref('int_first_memberships_measured') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

member_months as (

    select * from {{ ref('member_month_status') }}

),

followed as (

    select
        first_memberships.cohort_month_start_date,
        member_months.month_start_date,
        months.months_so_far - cohort_months.months_so_far as months_since_join,
        count(*) as joined_count,
        count(*) filter (where member_months.status in ('active', 'paused')) as member_count,
        cast(sum(member_months.mrr_amount) as decimal(18, 2)) as mrr_amount
    from first_memberships
    inner join member_months
        on
            first_memberships.member_id = member_months.member_id
            and first_memberships.cohort_month_start_date <= member_months.month_start_date
    inner join months
        on member_months.month_start_date = months.month_start_date
    inner join months as cohort_months
        on first_memberships.cohort_month_start_date = cohort_months.month_start_date
    group by
        first_memberships.cohort_month_start_date,
        member_months.month_start_date,
        months.months_so_far,
        cohort_months.months_so_far

)

select
    {{ surrogate_key(["'churn_cohort'", 'cohort_month_start_date', 'month_start_date']) }} as churn_cohort_key,
    months_since_join,
    joined_count,
    member_count,
    joined_count - member_count as gone_count,
    mrr_amount,
    cast(member_count as double) / joined_count as retention_rate,
    cohort_month_start_date,
    month_start_date
from followed
