-- Whole years around the data, so that a month or a season is never cut.
with first_dates as (

    {% for entity in quarantined_entities() | selectattr('happened_by', 'defined') -%}
    select min({{ entity.happened_by }}) as first_date from {{ ref(entity.happened_in or entity.silver) }}
    where {{ until_as_of(entity.happened_by) }}
    {{ "union all" if not loop.last }}
    {% endfor %}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

bounds as (

    select
        as_of.as_of_date,
        cast(date_trunc('year', coalesce(min(first_dates.first_date), as_of.as_of_date)) as date) as first_day,
        cast(date_trunc('year', as_of.as_of_date) as date) as last_new_year
    from as_of
    cross join first_dates
    group by as_of.as_of_date

),

-- 366 days after a New Year's Day lies the next year, leap year or not.
next_years as (

    select
        *,
        cast(date_trunc('year', {{ add_days('last_new_year', 366) }}) as date) as next_new_year
    from bounds

),

days as (

    select
        as_of_date,
        {{ explode_days('first_day', add_days('next_new_year', -1)) }} as date_day
    from next_years

),

numbered as (

    select
        *,
        cast({{ day_number('date_day') }} as int) as day_number,
        -- 1970-01-01 was a Thursday, day four of the ISO week. The remainder of a day before it is negative.
        cast((({{ day_number('date_day') }} + 3) % 7 + 7) % 7 + 1 as int) as iso_weekday
    from days

),

weeks as (

    select
        *,
        iso_weekday % 7 + 1 as us_weekday,
        {{ add_days('date_day', '1 - iso_weekday') }} as iso_week_start_date,
        -- The Thursday of a week decides to which year ISO counts it.
        {{ add_days('date_day', '4 - iso_weekday') }} as iso_week_thursday,
        {{ add_days('date_day', '0 - (iso_weekday % 7)') }} as us_week_start_date
    from numbered

),

years as (

    select
        *,
        cast(date_trunc('year', date_day) as date) as year_start_date,
        cast(date_trunc('month', date_day) as date) as month_start_date,
        cast(date_trunc('quarter', date_day) as date) as quarter_start_date,
        cast(
            day_number - {{ day_number("cast(date_trunc('year', date_day) as date)") }} + 1 as int
        ) as day_of_year
    from weeks

)

select
    date_day,
    cast(extract(year from date_day) as int) as year_number,
    cast(extract(quarter from date_day) as int) as quarter_number,
    cast(extract(month from date_day) as int) as month_number,
    cast(extract(day from date_day) as int) as day_of_month,
    day_of_year,
    cast(iso_weekday as int) as iso_weekday,
    cast(us_weekday as int) as us_weekday,
    cast(extract(year from iso_week_thursday) as int) as iso_year,
    cast(extract(week from date_day) as int) as iso_week,
    -- The first week of a year ends on its first Saturday, so a week's Saturday tells how many have begun.
    cast(floor((day_of_year + 13 - us_weekday) / 7.0) as int) as us_week,
    case iso_weekday
        when 1 then 'Monday' when 2 then 'Tuesday' when 3 then 'Wednesday' when 4 then 'Thursday'
        when 5 then 'Friday' when 6 then 'Saturday' else 'Sunday'
    end as weekday_name,
    case extract(month from date_day)
        when 1 then 'January' when 2 then 'February' when 3 then 'March' when 4 then 'April' when 5 then 'May'
        when 6 then 'June' when 7 then 'July' when 8 then 'August' when 9 then 'September' when 10 then 'October'
        when 11 then 'November' else 'December'
    end as month_name,
    iso_weekday >= 6 as is_weekend,
    date_day <= as_of_date as is_past,
    iso_week_start_date,
    us_week_start_date,
    month_start_date,
    -- 31 days after the first of a month lies the next month, however long this one is.
    {{ add_days("cast(date_trunc('month', " ~ add_days('month_start_date', 31) ~ ") as date)", -1) }} as month_end_date,
    quarter_start_date,
    year_start_date
from years
