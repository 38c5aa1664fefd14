{%- set today = "cast('" ~ var('as_of') ~ "' as date)" if var('as_of') else 'business_date' -%}

-- "Today" of this build: the variable `as_of`, else the newest business date in the data. No model reads the clock.
with business_dates as (

    {% for entity in quarantined_entities() | selectattr('happened_by', 'defined') -%}
    select max({{ entity.happened_by }}) as business_date from {{ ref(entity.happened_in or entity.silver) }}
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select coalesce(max({{ today }}), cast('1970-01-01' as date)) as as_of_date
from business_dates
