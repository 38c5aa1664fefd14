-- Bands that a value falls into: each begins where the one before ends, so no value has two or none.
with bands as (

    select
        'age_bands' as seed,
        'age' as scheme,
        lowest_age as lowest,
        highest_age + 1 as upper
    from {{ ref('age_bands') }}
    union all
    select
        'heart_rate_zones' as seed,
        scheme,
        lowest_share as lowest,
        upper_share as upper
    from {{ ref('heart_rate_zones') }}

),

ordered as (

    select
        *,
        lead(lowest) over (partition by seed, scheme order by lowest) as next_lowest
    from bands

)

select *
from ordered
where upper != next_lowest
