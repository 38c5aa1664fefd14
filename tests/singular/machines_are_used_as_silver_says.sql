-- Every use of a machine is in the day of a gym and type, machines that nobody knows included.
with uses as (

    select
        count(*) as session_count,
        sum(session_seconds) as used_seconds
    from {{ ref('int_equipment_sessions_conformed') }}
    where {{ until_as_of('session_date') }}

),

days as (

    select
        sum(session_count) as session_count,
        sum(cast(round(minutes_used * 60) as bigint)) as used_seconds
    from {{ ref('equipment_utilisation') }}

)

select
    uses.session_count,
    days.session_count as sessions_in_days,
    uses.used_seconds,
    days.used_seconds as seconds_in_days
from uses
cross join days
where
    uses.session_count <> coalesce(days.session_count, 0)
    or uses.used_seconds <> coalesce(days.used_seconds, 0)
