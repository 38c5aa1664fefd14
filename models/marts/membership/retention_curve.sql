with first_memberships as (

    select * from {{ ref('int_first_memberships_measured') }}

),

segments as (

    select
        plan_code,
        membership_month_count,
        has_left
    from first_memberships
    union all
    select
        'all' as plan_code,
        membership_month_count,
        has_left
    from first_memberships

),

lengths as (

    select
        plan_code,
        membership_month_count,
        count(*) as member_count,
        count(*) filter (where has_left) as left_count
    from segments
    group by plan_code, membership_month_count

),

plan_codes as (

    select distinct plan_code from lengths

),

-- Three years of membership, both ends counted.
numbered as (

    select
        plan_code,
        {{ explode_numbers('37') }} as number_from_one
    from plan_codes

),

month_numbers as (

    select
        plan_code,
        number_from_one - 1 as month_number
    from numbered

),

counted as (

    select
        month_numbers.plan_code,
        month_numbers.month_number,
        cast(coalesce(sum(lengths.member_count), 0) as bigint) as at_risk_count,
        cast(
            coalesce(sum(
                case when lengths.membership_month_count = month_numbers.month_number then lengths.left_count end
            ), 0) as bigint
        ) as left_count
    from month_numbers
    left join lengths
        on
            month_numbers.plan_code = lengths.plan_code
            and month_numbers.month_number <= lengths.membership_month_count
    group by month_numbers.plan_code, month_numbers.month_number

),

-- Nobody seen so long: the curve stays as it is.
stayed as (

    select
        *,
        case when at_risk_count = 0 then 1e0 else 1e0 - cast(left_count as double) / at_risk_count end as stayed_share
    from counted

),

before as (

    select
        *,
        coalesce(lag(stayed_share) over (partition by plan_code order by month_number), 1e0) as stayed_share_before
    from stayed

)

select
    {{ surrogate_key(["'retention_curve'", 'plan_code', 'month_number']) }} as retention_curve_key,
    plan_code,
    month_number,
    at_risk_count,
    left_count,
    {{ running_product('stayed_share_before', 'plan_code', 'month_number') }} as survival_rate
from before
