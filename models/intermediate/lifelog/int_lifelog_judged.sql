{{ config(materialized='view') }}

{%- set ranges = var('lifelog_ranges') %}
{%- set measures = ranges.keys() | reject('equalto', 'age') | list %}

with days as (

    select * from {{ ref('stg_lifelog__daily') }}

),

-- Trackers report a negative value when they counted backwards: it means nothing was measured.
floored as (

    select
        batch,
        batch_row,
        lifelog_user_id,
        gender,
        activity_type,
        age,
        height_cm,
        {%- for measure in measures %}
        case when {{ measure }} < 0 then 0 else {{ measure }} end as {{ measure }},
        {%- endfor %}
        activity_date
    from days

)

-- A value that was not exported breaks no rule; the first broken rule names the row.
select
    *,
    case
        {%- for column, range in ranges.items() %}
        when {{ column }} not between {{ range[0] }} and {{ range[1] }} then '{{ column }}_out_of_range'
        {%- endfor %}
    end as quarantine_rule
from floored
where {{ until_as_of('activity_date') }}
