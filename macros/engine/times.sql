{#
  Epoch seconds (64-bit) as a UTC timestamp without zone; NULL before 0001-01-02 and after 9999-12-30.

  Engines build timestamps from numbers by different functions, and overflow by different errors. Devices do send
  milliseconds where seconds were agreed; such a row must reach quarantine instead of stopping the build. A day is left
  at either end, because the local day may be the next one, and engines write years without four digits differently.
#}
{% macro epoch_to_timestamp(seconds) %}
    {{ return(adapter.dispatch("epoch_to_timestamp", "gymhouse")(seconds)) }}
{% endmacro %}

{% macro default__epoch_to_timestamp(seconds) -%}
    case when {{ seconds }} between {{ first_second() }} and {{ last_second() }} then timestamp_seconds({{ seconds }}) end
{%- endmacro %}

{% macro duckdb__epoch_to_timestamp(seconds) -%}
    case when {{ seconds }} between {{ first_second() }} and {{ last_second() }} then make_timestamp({{ seconds }} * 1000000) end
{%- endmacro %}

{% macro first_second() %}{{ return(-62135510400) }}{% endmacro %}
{% macro last_second() %}{{ return(253402214399) }}{% endmacro %}


{#
  How far an epoch second (64-bit) lies within its minute (`span` 60) or UTC day (86400): 0 to `span` - 1.

  Before 1970 `%` gives negative numbers on every engine.
#}
{% macro seconds_into(span, epoch) -%}
    ((({{ epoch }}) % {{ span }} + {{ span }}) % {{ span }})
{%- endmacro %}


{#
  Whole seconds from one UTC timestamp to another (bigint).

  `datediff` counts crossed boundaries on one engine and elapsed units on another. Here both ends are cut to their
  second first.
#}
{% macro seconds_between(earlier, later) %}
    {{ return(adapter.dispatch("seconds_between", "gymhouse")(earlier, later)) }}
{% endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    (unix_seconds({{ later }}) - unix_seconds({{ earlier }}))
{%- endmacro %}

{% macro duckdb__seconds_between(earlier, later) -%}
    date_diff('second', {{ earlier }}, {{ later }})
{%- endmacro %}


{#
  A UTC timestamp moved by whole seconds.

  Interval arithmetic with a column as the amount has no common syntax.
#}
{% macro add_seconds(timestamp, seconds) %}
    {{ return(adapter.dispatch("add_seconds", "gymhouse")(timestamp, seconds)) }}
{% endmacro %}

{% macro default__add_seconds(timestamp, seconds) -%}
    timestampadd(second, {{ seconds }}, {{ timestamp }})
{%- endmacro %}

{% macro duckdb__add_seconds(timestamp, seconds) -%}
    ({{ timestamp }} + to_seconds({{ seconds }}))
{%- endmacro %}


{#
  The calendar day on which a UTC timestamp falls in a time zone.

  Engines convert zones by different functions; both use the IANA rules, so daylight-saving nights agree.
#}
{% macro local_date(timestamp, time_zone) %}
    {{ return(adapter.dispatch("local_date", "gymhouse")(timestamp, time_zone)) }}
{% endmacro %}

{% macro default__local_date(timestamp, time_zone) -%}
    cast(from_utc_timestamp({{ timestamp }}, {{ time_zone }}) as date)
{%- endmacro %}

{% macro duckdb__local_date(timestamp, time_zone) -%}
    cast(timezone({{ time_zone }}, timezone('UTC', {{ timestamp }})) as date)
{%- endmacro %}


{#
  What the clock on the wall shows at a UTC timestamp in a time zone, as a timestamp without zone.

  The same functions for zones as of `local_date`. The hour that a clock passes twice in autumn is shown twice.
#}
{% macro local_time(timestamp, time_zone) %}
    {{ return(adapter.dispatch("local_time", "gymhouse")(timestamp, time_zone)) }}
{% endmacro %}

{% macro default__local_time(timestamp, time_zone) -%}
    from_utc_timestamp({{ timestamp }}, {{ time_zone }})
{%- endmacro %}

{% macro duckdb__local_time(timestamp, time_zone) -%}
    timezone({{ time_zone }}, timezone('UTC', {{ timestamp }}))
{%- endmacro %}


{#
  A date moved by whole days, still a date.

  dbt's `dateadd` gives a timestamp on Spark.
#}
{% macro add_days(date, days) %}
    {{ return(adapter.dispatch("add_days", "gymhouse")(date, days)) }}
{% endmacro %}

{% macro default__add_days(date, days) -%}
    date_add({{ date }}, cast({{ days }} as int))
{%- endmacro %}

{% macro duckdb__add_days(date, days) -%}
    ({{ date }} + cast({{ days }} as integer))
{%- endmacro %}


{#
  Days since 1970-01-01 (int).

  Windows over calendar days order by it: a RANGE frame over integers is the one that all engines know.
#}
{% macro day_number(date) %}
    {{ return(adapter.dispatch("day_number", "gymhouse")(date)) }}
{% endmacro %}

{% macro default__day_number(date) -%}
    datediff({{ date }}, cast('1970-01-01' as date))
{%- endmacro %}

{% macro duckdb__day_number(date) -%}
    cast(date_diff('day', cast('1970-01-01' as date), {{ date }}) as integer)
{%- endmacro %}


{#
  One row per day from one date to another, both counted, as an expression of a select list; none when the end lies
  before the beginning.

  Turning a range into rows is `unnest` on one engine and `explode` on another, where a range that runs backwards
  counts down.
#}
{% macro explode_days(from_date, to_date) %}
    {{ return(adapter.dispatch("explode_days", "gymhouse")(from_date, to_date)) }}
{% endmacro %}

{% macro default__explode_days(from_date, to_date) -%}
    explode(case when {{ from_date }} <= {{ to_date }} then sequence({{ from_date }}, {{ to_date }}) end)
{%- endmacro %}

{% macro duckdb__explode_days(from_date, to_date) -%}
    cast(unnest(generate_series({{ from_date }}, {{ to_date }}, interval 1 day)) as date)
{%- endmacro %}
