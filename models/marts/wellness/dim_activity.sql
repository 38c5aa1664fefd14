with days as (

    select * from {{ ref('int_lifelog_deduplicated') }}

),

activities as (

    select distinct coalesce(activity_type, 'unknown') as activity_type
    from days

)

select
    {{ surrogate_key(["'activity'", 'activity_type']) }} as activity_key,
    activity_type,
    activity_type = 'unknown' as is_unknown
from activities
