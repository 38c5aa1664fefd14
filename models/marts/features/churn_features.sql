-- Months that have ended; what the running one will be nobody knows.
with months as (

    select * from {{ ref('int_months_listed') }}
    where extract(day from {{ add_days('month_end_date', 1) }}) = 1

),

statuses as (

    select
        *,
        min(from_date) over (partition by member_id) as member_from_date,
        sum(case when status = 'paused' then 1 else 0 end) over (
            partition by member_id order by from_date
            rows between unbounded preceding and current row
        ) as pause_count
    from {{ ref('int_member_statuses_folded') }}

),

registered as (

    select * from {{ ref('int_members_registered') }}

),

ages_banded as (

    {{ ages_banded() }}

),

visits as (

    select * from {{ ref('fct_visit') }}

),

app_events as (

    select * from {{ ref('int_app_events_conformed') }}

),

attendances as (

    select * from {{ ref('fct_class_attendance') }}
    where class_date is not null

),

payments as (

    select * from {{ ref('int_payments_conformed') }}

),

sales as (

    select * from {{ ref('fct_sale') }}
    where member_id is not null

),

loads as (

    select * from {{ ref('training_load') }}

),

near_days as (

    {{ near_days() }}

),
{{ near_month_ends('visits', 'visits', 'visit_date', {
    'visits_30d': 'count(' ~ within_days(30) ~ ')',
    'visits_60d': 'count(' ~ within_days(60) ~ ')',
    'visits_90d': 'count(*)',
    'visit_days_30d': 'count(distinct ' ~ within_days(30, 'visits.visit_date') ~ ')',
    'gym_count_90d': 'count(distinct visits.gym_id)',
    'facility_entries_90d': 'cast(sum(visits.facility_entry_count) as bigint)',
}) }}
{{ last_of_months('visits', 'visits', 'visit_date') }}
{{ near_month_ends('app', 'app_events', 'event_date', {
    'app_events_30d': 'count(' ~ within_days(30) ~ ')',
    'app_events_90d': 'count(*)',
    'app_days_30d': 'count(distinct ' ~ within_days(30, 'app_events.event_date') ~ ')',
    'goals_set_90d': "count(case when app_events.event_type = 'goal_set' then 1 end)",
}) }}
{{ last_of_months('app', 'app_events', 'event_date') }}
{{ near_month_ends('classes', 'attendances', 'class_date', {
    'bookings_90d': 'count(case when not attendances.is_walk_in then 1 end)',
    'attended_90d': "count(case when attendances.outcome = 'attended' then 1 end)",
    'no_shows_90d': "count(case when attendances.outcome = 'no_show' then 1 end)",
    'late_cancels_90d': "count(case when attendances.outcome = 'late_cancel' then 1 end)",
    'class_amount_90d': 'sum(attendances.recognised_amount)',
}) }}
{{ near_month_ends('payments', 'payments', 'paid_date', {
    'failed_payments_90d': "count(case when payments.payment_status = 'failed' then 1 end)",
}) }}
{{ near_month_ends('sales', 'sales', 'sale_date', {
    'shop_amount_90d': 'sum(sales.net_amount)',
}) }}
{{ near_month_ends('loads', 'loads', 'load_date', {
    'trimp_7d': 'sum(' ~ within_days(7, exact_decimal('loads.trimp', 18, 6)) ~ ')',
    'trimp_42d': 'sum(' ~ within_days(42, exact_decimal('loads.trimp', 18, 6)) ~ ')',
}) }}

-- Memberships were there before the turnstiles told of anybody.
observed as (

    select min(visit_date) as first_date from visits

),

-- A member is in the table for good once they have joined, so the last day until a month's end is found row by row.
member_months as (

    select
        statuses.*,
        months.month_start_date,
        months.month_end_date,
        max(visits_last.last_date) over so_far as last_visit_date,
        max(app_last.last_date) over so_far as last_app_date
    from statuses
    inner join months
        on
            statuses.from_date <= months.month_end_date
            and (statuses.to_date is null or statuses.to_date > months.month_end_date)
    left join visits_last
        on
            statuses.member_id = visits_last.member_id
            and months.month_start_date = visits_last.month_start_date
    left join app_last
        on
            statuses.member_id = app_last.member_id
            and months.month_start_date = app_last.month_start_date
    window so_far as (
        partition by statuses.member_id order by months.month_start_date
        rows between unbounded preceding and current row
    )

),

live as (

    select * from member_months
    where status in ('active', 'paused')

)

select
    {{ surrogate_key(["'churn features'", 'live.member_id', 'live.month_end_date']) }} as churn_features_key,
    {{ member_key('live.member_id') }} as member_key,
    live.member_id,
    live.gym_id,
    live.plan_code,
    live.billing_period,
    live.status,
    coalesce(ages_banded.age_band, 'unknown') as age_band,
    registered.sex,
    registered.lead_source,
    live.price_amount,
    live.discount_amount,
    live.mrr_amount,
    cast({{ day_number('live.month_end_date') }} - {{ day_number('live.member_from_date') }} as int) as tenure_days,
    cast({{ day_number('live.month_end_date') }} - {{ day_number('live.membership_from_date') }} as int)
        as membership_days,
    cast({{ day_number('live.month_end_date') }} - {{ day_number('live.from_date') }} as int) as days_since_change,
    cast(live.pause_count as bigint) as pause_count,
    case
        when observed.first_date <= live.month_end_date
            then cast({{ day_number('live.month_end_date') }} - {{ day_number('observed.first_date') }} + 1 as int)
        else 0
    end as observed_days,
    cast({{ day_number('live.month_end_date') }} - {{ day_number('live.last_visit_date') }} as int)
        as days_since_visit,
    coalesce(visits_near.visits_30d, 0) as visits_30d,
    coalesce(visits_near.visits_60d, 0) as visits_60d,
    coalesce(visits_near.visits_90d, 0) as visits_90d,
    coalesce(visits_near.visit_days_30d, 0) as visit_days_30d,
    -- The last 30 days against the 30 before them.
    coalesce(2 * visits_near.visits_30d - visits_near.visits_60d, 0) as visits_30d_change,
    coalesce(visits_near.gym_count_90d, 0) as gym_count_90d,
    coalesce(visits_near.facility_entries_90d, 0) as facility_entries_90d,
    coalesce(classes_near.bookings_90d, 0) as bookings_90d,
    coalesce(classes_near.attended_90d, 0) as attended_90d,
    coalesce(classes_near.no_shows_90d, 0) as no_shows_90d,
    coalesce(classes_near.late_cancels_90d, 0) as late_cancels_90d,
    cast({{ day_number('live.month_end_date') }} - {{ day_number('live.last_app_date') }} as int) as days_since_app,
    coalesce(app_near.app_events_30d, 0) as app_events_30d,
    coalesce(app_near.app_events_90d, 0) as app_events_90d,
    coalesce(app_near.app_days_30d, 0) as app_days_30d,
    coalesce(app_near.goals_set_90d, 0) as goals_set_90d,
    coalesce(payments_near.failed_payments_90d, 0) as failed_payments_90d,
    cast(coalesce(sales_near.shop_amount_90d, 0) as decimal(18, 2)) as shop_amount_90d,
    cast(coalesce(classes_near.class_amount_90d, 0) as decimal(18, 2)) as class_amount_90d,
    cast(coalesce(loads_near.trimp_7d, 0) as double) as trimp_7d,
    cast(coalesce(loads_near.trimp_42d, 0) as double) as trimp_42d,
    live.is_known_member,
    live.is_known_gym,
    live.month_end_date
from live
cross join observed
left join registered
    on live.member_id = registered.member_id
left join ages_banded
    on {{ age_in_years('registered.birth_date', 'live.month_end_date') }} = ages_banded.age_years
{%- for stream in ['visits', 'app', 'classes', 'payments', 'sales', 'loads'] %}
left join {{ stream }}_near
    on
        live.member_id = {{ stream }}_near.member_id
        and live.month_start_date = {{ stream }}_near.month_start_date
{%- endfor %}
