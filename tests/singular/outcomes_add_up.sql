-- The outcomes by month add up to every booking and walk-in of a known session, and the fill to the places taken in
-- sessions held: who walks in to one that was called off takes none.
with attendance as (

    select
        attendance.outcome,
        sessions.is_cancelled
    from {{ ref('fct_class_attendance') }} as attendance
    inner join {{ ref('dim_class_session') }} as sessions
        on attendance.class_session_id = sessions.class_session_id
    where attendance.is_known_session

),

outcomes_told as (

    select
        coalesce(sum(attended_count), 0)
        + coalesce(sum(no_show_count), 0)
        + coalesce(sum(late_cancel_count), 0)
        + coalesce(sum(early_cancel_count), 0)
        + coalesce(sum(unknown_count), 0)
        + coalesce(sum(class_cancelled_count), 0) as told
    from {{ ref('no_show_rate') }}

),

places_told as (

    select coalesce(sum(attended), 0) as told
    from {{ ref('class_fill') }}

),

counted as (

    select
        count(*) as outcome_count,
        count(case when outcome = 'attended' and not is_cancelled then 1 end) as place_count
    from attendance

),

both_sides as (

    select
        'outcomes' as what,
        outcomes_told.told,
        counted.outcome_count as counted
    from outcomes_told
    cross join counted
    union all
    select
        'places taken' as what,
        places_told.told,
        counted.place_count as counted
    from places_told
    cross join counted

)

select *
from both_sides
where told != counted
