{#
  What the clock on the wall shows, for many rows. Engines look a zone's rules up anew for each row, which costs more than
  all else that a model does with it. But for the few days on which clocks are changed, those of a zone run by one shift
  all day: so the rules are asked once a zone and UTC day, and row by row on those few days alone.

  `zone_days` is the query of a CTE of that name: (time_zone, utc_date, shift_seconds), the shift NULL on days of change.
  It reads the CTE `rows`, with its columns time_zone and `moment`, a UTC timestamp. The same rows take it by a left join
  `on_zone_day`, and tell their time by `zoned_time`, `zoned_date`, `zoned_hour`.

  Not each zone with each day: of such a product engines expect more rows than there are to join, and turn the join round.
#}
{% macro zone_days(rows, moment) -%}
    {%- set first_shift = zone_shift("begins_at", "time_zone") -%}
    {%- set last_shift = zone_shift("ends_at", "time_zone") -%}
    select
        time_zone,
        utc_date,
        case when {{ first_shift }} = {{ last_shift }} then {{ first_shift }} end as shift_seconds
    from (
        select
            time_zone,
            utc_date,
            cast(utc_date as timestamp) as begins_at,
            cast({{ add_days("utc_date", 1) }} as timestamp) as ends_at
        from (select distinct time_zone, cast({{ moment }} as date) as utc_date from {{ rows }}) as utc_dates
    ) as days
{%- endmacro %}


{# By how many seconds the clocks of a zone run ahead of UTC at a UTC timestamp. #}
{% macro zone_shift(moment, time_zone) -%}
    {{ seconds_between(moment, local_time(moment, time_zone)) }}
{%- endmacro %}


{# Which row of the CTE `zone_days` tells of a UTC timestamp of `rows`, for a left join. #}
{% macro on_zone_day(rows, moment) -%}
    {{ rows }}.time_zone = zone_days.time_zone and cast({{ rows }}.{{ moment }} as date) = zone_days.utc_date
{%- endmacro %}


{# What `local_time` gives, where `zone_days` is joined. #}
{% macro zoned_time(rows, moment) -%}
    {%- set moment = rows ~ "." ~ moment -%}
    coalesce({{ add_seconds(moment, "zone_days.shift_seconds") }}, {{ local_time(moment, rows ~ ".time_zone") }})
{%- endmacro %}


{# What `local_date` gives, where `zone_days` is joined. #}
{% macro zoned_date(rows, moment) -%}
    cast({{ zoned_time(rows, moment) }} as date)
{%- endmacro %}


{# What `local_hour` gives, where `zone_days` is joined. #}
{% macro zoned_hour(rows, moment) -%}
    cast(extract(hour from {{ zoned_time(rows, moment) }}) as int)
{%- endmacro %}
