{#
  The 90 days to each month's end, that day counted, as the query of a CTE `near_days`: (day, month_start_date,
  days_to_end). Reads the CTE `months` (month_start_date, month_end_date).
#}
{% macro near_days() -%}
    select
        day,
        month_start_date,
        {{ day_number('month_end_date') }} - {{ day_number('day') }} as days_to_end
    from (
        select
            month_start_date,
            month_end_date,
            {{ explode_days(add_days('month_end_date', -89), 'month_end_date') }} as day
        from months
    ) as days
{%- endmacro %}


{#
  CTE `<name>_near`: of a stream by member and day, what lies in the 90 days to each month's end. Reads the CTE `near_days`.
  `measures`: SQL by column name.
#}
{% macro near_month_ends(name, stream, day, measures) %}
{{ name }}_near as (

    select
        {{ stream }}.member_id,
        near_days.month_start_date
        {%- for column, value in measures.items() %},
        {{ value }} as {{ column }}
        {%- endfor %}
    from {{ stream }}
    inner join near_days
        on {{ stream }}.{{ day }} = near_days.day
    group by {{ stream }}.member_id, near_days.month_start_date

),
{%- endmacro %}


{# CTE `<name>_last`: the last day of each member in each calendar month of a stream. #}
{% macro last_of_months(name, stream, day) %}
{{ name }}_last as (

    select
        member_id,
        {{ month_start(day) }} as month_start_date,
        max({{ day }}) as last_date
    from {{ stream }}
    group by member_id, {{ month_start(day) }}

),
{%- endmacro %}


{# A value (1 without one) if its day lies in the last so many days to the month's end; else NULL. #}
{% macro within_days(days, value='1') -%}
    case when near_days.days_to_end < {{ days }} then {{ value }} end
{%- endmacro %}
