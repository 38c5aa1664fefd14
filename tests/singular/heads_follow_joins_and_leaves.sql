-- Members at the start of a month, plus who joins or comes back, minus who leaves, are the members at its end: heads
-- from the status of each month, the rest from the events. Members whose memberships overlap or go on after they ended,
-- which the club system should never export, are left out on both sides.
with events as (

    select
        *,
        row_number() over (
            partition by membership_id order by effective_date desc, membership_event_id desc
        ) as events_from_last,
        cast(date_trunc('month', effective_date) as date) as month_start_date
    from {{ ref('fct_membership_event') }}

),

memberships as (

    select
        member_id,
        membership_id,
        min(effective_date) as begins,
        min(month_start_date) as begin_month_start_date,
        min(case when event_type = 'cancel' then effective_date end) as ends,
        min(case when event_type = 'cancel' then month_start_date end) as end_month_start_date,
        count(*) filter (where event_type = 'cancel' and events_from_last > 1) as early_ends_count
    from events
    group by member_id, membership_id

),

ordered as (

    select
        *,
        lag(coalesce(ends, cast('9999-12-31' as date))) over (
            partition by member_id order by begins, membership_id
        ) as previous_ends
    from memberships

),

unsound as (

    select distinct member_id from ordered
    where
        previous_ends > begins
        or early_ends_count > 0

),

sound as (

    select memberships.*
    from memberships
    left join unsound
        on memberships.member_id = unsound.member_id
    where unsound.member_id is null

),

flows as (

    select
        begin_month_start_date as month_start_date,
        1 as head_change
    from sound
    union all
    select
        end_month_start_date as month_start_date,
        -1 as head_change
    from sound
    where end_month_start_date is not null

),

changes as (

    select
        month_start_date,
        sum(head_change) as head_change
    from flows
    group by month_start_date

),

heads as (

    select
        statuses.month_start_date,
        count(*) filter (where statuses.status != 'left') as heads_at_end
    from {{ ref('member_month_status') }} as statuses
    left join unsound
        on statuses.member_id = unsound.member_id
    where unsound.member_id is null
    group by statuses.month_start_date

),

opened as (

    select
        *,
        coalesce(lag(heads_at_end) over (order by month_start_date), 0) as heads_at_start
    from heads

)

select
    opened.month_start_date,
    opened.heads_at_start,
    changes.head_change,
    opened.heads_at_end
from opened
left join changes
    on opened.month_start_date = changes.month_start_date
where opened.heads_at_start + coalesce(changes.head_change, 0) != opened.heads_at_end
