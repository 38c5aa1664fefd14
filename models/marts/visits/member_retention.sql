with visits as (

    select * from {{ ref('fct_visit') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

member_months as (

    select
        member_id,
        {{ month_start('visit_date') }} as visit_month,
        count(*) as visit_count
    from visits
    group by member_id, {{ month_start('visit_date') }}

),

with_cohort as (

    select
        *,
        min(visit_month) over (partition by member_id) as cohort_month
    from member_months

),

numbered as (

    select
        cohort_month,
        member_id,
        visit_count,
        {{ months_between('cohort_month', 'visit_month') }} as months_since_first
    from with_cohort

),

active as (

    select
        cohort_month,
        months_since_first,
        count(*) as active_member_count,
        sum(visit_count) as visit_count
    from numbered
    group by cohort_month, months_since_first

),

cohorts as (

    select
        cohort_month,
        count(*) as member_count
    from with_cohort
    where visit_month = cohort_month
    group by cohort_month

),

-- Every month of a cohort until today, also those in which nobody came.
cohort_months as (

    select
        cohorts.cohort_month,
        cohorts.member_count,
        {{ explode_numbers(months_between('cohorts.cohort_month', 'as_of.as_of_date') ~ ' + 1') }} as month_number
    from cohorts
    cross join as_of

)

select
    {{ surrogate_key(['cohort_months.cohort_month', 'cohort_months.month_number - 1']) }} as member_retention_key,
    cohort_months.month_number - 1 as months_since_first,
    cohort_months.member_count,
    coalesce(active.active_member_count, 0) as active_member_count,
    cast(coalesce(active.visit_count, 0) as bigint) as visit_count,
    cast(coalesce(active.active_member_count, 0) as double) / cohort_months.member_count as retention_rate,
    cohort_months.cohort_month as cohort_month_start_date
from cohort_months
left join active
    on
        cohort_months.cohort_month = active.cohort_month
        and cohort_months.month_number - 1 = active.months_since_first
