with attendance as (

    select distinct
        instructor_id,
        member_id,
        {{ month_start('class_date') }} as month_start_date
    from {{ ref('fct_class_attendance') }}
    where outcome = 'attended' and instructor_id is not null and is_known_member

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

followed as (

    select
        *,
        lead(month_start_date) over (
            partition by instructor_id, member_id order by month_start_date
        ) as next_month_start_date
    from attendance

),

counted as (

    select
        instructor_id,
        month_start_date,
        count(*) as member_count,
        count(
            case when {{ months_between('month_start_date', 'next_month_start_date') }} = 1 then 1 end
        ) as returned_count
    from followed
    group by instructor_id, month_start_date

),

-- A month tells who came back once the one after it is over.
judged as (

    select
        counted.*,
        {{ months_between('counted.month_start_date', add_days('as_of.as_of_date', 1)) }} >= 2 as is_complete
    from counted
    cross join as_of

)

select
    {{ surrogate_key(['instructor_id', 'month_start_date']) }} as instructor_retention_key,
    instructor_id,
    member_count,
    returned_count,
    case when is_complete then cast(returned_count as double) / member_count end as retention_rate,
    is_complete,
    month_start_date
from judged
