-- Nobody comes back to life: the curve falls or stays, and who is at risk later was at risk before.
with ordered as (

    select
        *,
        lag(survival_rate) over (partition by plan_code order by month_number) as survival_rate_before,
        lag(at_risk_count) over (partition by plan_code order by month_number) as at_risk_count_before,
        lag(left_count) over (partition by plan_code order by month_number) as left_count_before
    from {{ ref('retention_curve') }}

)

select *
from ordered
where
    survival_rate > survival_rate_before
    or at_risk_count > at_risk_count_before - left_count_before
    or (month_number = 0 and survival_rate != 1)
