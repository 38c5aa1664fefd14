with locations as (

    select * from {{ ref('int_locations_conformed') }}

)

select
    {{ surrogate_key(["'location'", 'gym_id']) }} as location_key,
    gym_id,
    coalesce(location_name, 'unmapped') as location_name,
    city,
    state,
    country,
    time_zone,
    is_unmapped,
    has_known_time_zone
from locations
