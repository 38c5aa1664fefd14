{#
  CTE `<name>_near`: of a stream by member and day, what lies in the 90 days to each month's end, that day counted. Reads the
  CTE `months` (month_start_date, month_end_date). `measures`: SQL by column name.
#}
{% macro near_month_ends(name, stream, day, measures) %}
{{ name }}_near as (

    select
        {{ stream }}.member_id,
        months.month_start_date
        {%- for column, value in measures.items() %},
        {{ value }} as {{ column }}
        {%- endfor %}
    from {{ stream }}
    inner join months
        on
            {{ stream }}.{{ day }} <= months.month_end_date
            and {{ stream }}.{{ day }} > {{ add_days('months.month_end_date', -90) }}
    group by {{ stream }}.member_id, months.month_start_date

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
{% macro within_days(days, day, value='1') -%}
    case when {{ day }} > {{ add_days('months.month_end_date', -days) }} then {{ value }} end
{%- endmacro %}
