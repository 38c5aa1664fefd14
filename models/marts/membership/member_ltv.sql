with as_of as (

    select * from {{ ref('int_as_of') }}

),

first_memberships as (

    select * from {{ ref('int_first_memberships_measured') }}

),

active_months as (

    select
        member_id,
        count(*) as active_month_count
    from {{ ref('member_month_status') }}
    where status = 'active'
    group by member_id

),

invoices as (

    select
        invoices.member_id,
        invoices.period_day_count,
        {{ cents('invoices.net_amount') }} as net_cents,
        cast({{ clamp(
            day_number('as_of.as_of_date') ~ ' - ' ~ day_number('invoices.period_from_date') ~ ' + 1',
            0, 'invoices.period_day_count'
        ) }} as bigint) as earned_days
    from {{ ref('int_invoices_conformed') }} as invoices
    cross join as_of

),

membership_revenue as (

    select
        member_id,
        cast(sum({{ half_up('net_cents', 'earned_days', 'period_day_count') }}) as bigint) as membership_cents
    from invoices
    group by member_id

),

class_revenue as (

    select
        member_id,
        cast(sum({{ cents('recognised_amount') }}) as bigint) as class_cents
    from {{ ref('fct_class_attendance') }}
    where class_date is not null
    group by member_id

),

shop_revenue as (

    select
        member_id,
        cast(sum({{ cents('net_amount') }}) as bigint) as shop_cents
    from {{ ref('fct_sale') }}
    where member_id is not null
    group by member_id

),

members as (

    select
        first_memberships.*,
        coalesce(active_months.active_month_count, 0) as active_month_count,
        coalesce(membership_revenue.membership_cents, 0) as membership_cents,
        coalesce(class_revenue.class_cents, 0) as class_cents,
        coalesce(shop_revenue.shop_cents, 0) as shop_cents,
        coalesce(membership_revenue.membership_cents, 0)
        + coalesce(class_revenue.class_cents, 0)
        + coalesce(shop_revenue.shop_cents, 0) as revenue_cents
    from first_memberships
    left join active_months
        on first_memberships.member_id = active_months.member_id
    left join membership_revenue
        on first_memberships.member_id = membership_revenue.member_id
    left join class_revenue
        on first_memberships.member_id = class_revenue.member_id
    left join shop_revenue
        on first_memberships.member_id = shop_revenue.member_id

),

-- The area under the survival curve from month 0 to 36, by trapezoids: both ends count half. Decimals, so that the sum
-- is the same in any order.
expected as (

    select
        plan_code,
        cast(sum(
            {{ exact_decimal('survival_rate', 18, 15) }}
            * case when month_number in (0, 36) then cast(0.5 as decimal(2, 1)) else cast(1 as decimal(2, 1)) end
        ) as double) as expected_months
    from {{ ref('retention_curve') }}
    where month_number <= 36
    group by plan_code

),

segments as (

    select
        members.plan_code,
        expected.expected_months,
        {{ half_up(
            'cast(sum(members.revenue_cents) as bigint)', '1', 'nullif(cast(sum(members.active_month_count) as bigint), 0)'
        ) }} as arm_cents,
        cast(sum(members.revenue_cents) as double)
        / 100
        / nullif(cast(sum(members.active_month_count) as double), 0)
        * {{ var('gross_margin') }}
        * expected.expected_months as expected_ltv
    from members
    inner join expected
        on members.plan_code = expected.plan_code
    group by members.plan_code, expected.expected_months

)

select
    {{ member_key('members.member_id') }} as member_key,
    members.member_id,
    members.gym_id,
    members.plan_code,
    members.membership_month_count,
    members.active_month_count,
    {{ amount_of_cents('members.membership_cents') }} as membership_revenue_amount,
    {{ amount_of_cents('members.class_cents') }} as class_revenue_amount,
    {{ amount_of_cents('members.shop_cents') }} as shop_revenue_amount,
    {{ amount_of_cents('members.revenue_cents') }} as revenue_amount,
    {{ amount_of_cents(half_up('members.revenue_cents', (var('gross_margin') * 10000) | round | int, '10000')) }}
        as realised_value_amount,
    {{ amount_of_cents('segments.arm_cents') }} as arm_amount,
    segments.expected_months,
    {{ exact_decimal('segments.expected_ltv', 12, 2) }} as expected_ltv_amount,
    members.has_left,
    members.is_known_member,
    members.is_known_gym,
    members.joined_date,
    members.left_date
from members
inner join segments
    on members.plan_code = segments.plan_code
