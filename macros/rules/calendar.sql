{# Day of the week of a date (int), Monday 1 to Sunday 7. #}
{% macro iso_weekday(date) -%}
    {#- 1970-01-01 was a Thursday, day four of the ISO week. The remainder of a day before it is negative. -#}
    cast((({{ day_number(date) }} + 3) % 7 + 7) % 7 + 1 as int)
{%- endmacro %}


{# The Monday of a date's week. #}
{% macro iso_week_start(date) -%}
    {{ add_days(date, "1 - " ~ iso_weekday(date)) }}
{%- endmacro %}


{# First day of a date's month. #}
{% macro month_start(date) -%}
    cast(date_trunc('month', {{ date }}) as date)
{%- endmacro %}


{# The hour that the clock on the wall shows at a UTC timestamp (int), 0 to 23. #}
{% macro local_hour(timestamp, time_zone) -%}
    cast(extract(hour from {{ local_time(timestamp, time_zone) }}) as int)
{%- endmacro %}


{# How many months the month of a date lies after that of another (int). #}
{% macro months_between(earlier, later) -%}
    cast(
        (extract(year from {{ later }}) - extract(year from {{ earlier }})) * 12
        + extract(month from {{ later }}) - extract(month from {{ earlier }})
        as int
    )
{%- endmacro %}
