{#
  What the clock on the wall shows, for many rows. Engines look a zone's rules up anew for each row, which costs more than
  all else that a model does with it. But for the few days on which clocks are changed, those of a zone run by one shift
  all day: so the rules are asked once a zone and UTC day, and row by row on those few days alone.

  `zone_days` is the query of a CTE of that name: (time_zone, utc_date, shift_seconds), the shift NULL on days of change.
  It reads two CTEs: `zones`, with a column time_zone, and `rows`, with their UTC timestamp `moment`. Rows take it by a
  left join `on_zone_day`, and tell their time by `zoned_time`, `zoned_date`, `zoned_hour`.
#}
{% macro zone_days(zones, rows, moment) -%}
    {%- set first_shift = zone_shift("days.begins_at", "zones.time_zone") -%}
    {%- set last_shift = zone_shift("days.ends_at", "zones.time_zone") -%}
    select
        zones.time_zone,
        days.utc_date,
        case when {{ first_shift }} = {{ last_shift }} then {{ first_shift }} end as shift_seconds
    from (
        select time_zone from {{ zones }}
        where time_zone is not null
        union
        select '{{ var("default_time_zone") }}' as time_zone
    ) as zones
    cross join (
        select
            utc_date,
            cast(utc_date as timestamp) as begins_at,
            cast({{ add_days("utc_date", 1) }} as timestamp) as ends_at
        from (select distinct cast({{ moment }} as date) as utc_date from {{ rows }}) as utc_dates
        where utc_date is not null
    ) as days
{%- endmacro %}


{# By how many seconds the clocks of a zone run ahead of UTC at a UTC timestamp. #}
{% macro zone_shift(moment, time_zone) -%}
    {{ seconds_between(moment, local_time(moment, time_zone)) }}
{%- endmacro %}


{# Which row of the CTE `zone_days` tells of a UTC timestamp in a time zone, for a left join. #}
{% macro on_zone_day(moment, time_zone) -%}
    zone_days.time_zone = {{ time_zone }} and zone_days.utc_date = cast({{ moment }} as date)
{%- endmacro %}


{# What `local_time` gives, where `zone_days` is joined. #}
{% macro zoned_time(moment, time_zone) -%}
    coalesce({{ add_seconds(moment, "zone_days.shift_seconds") }}, {{ local_time(moment, time_zone) }})
{%- endmacro %}


{# What `local_date` gives, where `zone_days` is joined. #}
{% macro zoned_date(moment, time_zone) -%}
    cast({{ zoned_time(moment, time_zone) }} as date)
{%- endmacro %}


{# What `local_hour` gives, where `zone_days` is joined. #}
{% macro zoned_hour(moment, time_zone) -%}
    cast(extract(hour from {{ zoned_time(moment, time_zone) }}) as int)
{%- endmacro %}
