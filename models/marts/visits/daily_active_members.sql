{%- set until_the_day %}partition by days.gym_id order by days.activity_date rows unbounded preceding{% endset -%}

with visits as (

    select * from {{ ref('fct_visit') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- The days on which a member came, to each gym and, as gym 0, to the chain.
member_days as (

    select
        gym_id,
        member_id,
        visit_date
    from visits
    union
    select
        0 as gym_id,
        member_id,
        visit_date
    from visits

),

followed as (

    select
        *,
        lead(visit_date) over (partition by gym_id, member_id order by visit_date) as next_visit_date
    from member_days

),

windows as (

    select 1 as window_days
    union all
    select 7 as window_days
    union all
    select 30 as window_days

),

-- A visit keeps a member active from its day on until the window has passed or the next visit takes over: so many more
-- are active from the first day, so many fewer from the last. No day of a window is made a row.
begun_and_ended as (

    select
        followed.gym_id,
        windows.window_days,
        followed.visit_date as begins_on,
        least(
            {{ add_days('followed.visit_date', 'windows.window_days') }},
            coalesce(followed.next_visit_date, {{ add_days('followed.visit_date', 'windows.window_days') }})
        ) as ends_on
    from followed
    cross join windows

),

changes as (

    select
        gym_id,
        window_days,
        begins_on as activity_date,
        1 as change
    from begun_and_ended
    union all
    select
        gym_id,
        window_days,
        ends_on as activity_date,
        -1 as change
    from begun_and_ended

),

first_days as (

    select
        gym_id,
        min(visit_date) as first_date
    from member_days
    group by gym_id

),

-- Every day from the first visit until today, also those on which nothing changes.
days as (

    select
        first_days.gym_id,
        {{ explode_days('first_days.first_date', 'as_of.as_of_date') }} as activity_date
    from first_days
    cross join as_of

),

changes_by_day as (

    select
        gym_id,
        activity_date,
        sum(case when window_days = 1 then change else 0 end) as dau_change,
        sum(case when window_days = 7 then change else 0 end) as wau_change,
        sum(case when window_days = 30 then change else 0 end) as mau_change
    from changes
    group by gym_id, activity_date

),

counted as (

    select
        days.gym_id,
        days.activity_date,
        cast(sum(coalesce(changes_by_day.dau_change, 0)) over ({{ until_the_day }}) as bigint) as dau,
        cast(sum(coalesce(changes_by_day.wau_change, 0)) over ({{ until_the_day }}) as bigint) as wau,
        cast(sum(coalesce(changes_by_day.mau_change, 0)) over ({{ until_the_day }}) as bigint) as mau
    from days
    left join changes_by_day
        on
            days.gym_id = changes_by_day.gym_id
            and days.activity_date = changes_by_day.activity_date

)

select
    {{ surrogate_key(['gym_id', 'activity_date']) }} as active_members_key,
    cast(gym_id as bigint) as gym_id,
    dau,
    wau,
    mau,
    cast(dau as double) / nullif(mau, 0) as stickiness_rate,
    activity_date
from counted
