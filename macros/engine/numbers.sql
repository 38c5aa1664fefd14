{#
  A double as a decimal, rounded half up by the digits that people read: 1.0005 to three places is 1.001.

  A plain cast rounds the binary value on one engine (1.00049999… gives 1.000) and its decimal digits on another. Whole
  numbers, which most are, take the short way.
#}
{% macro exact_decimal(value, precision, scale) %}
    {{ return(adapter.dispatch("exact_decimal", "gymhouse")(value, precision, scale)) }}
{% endmacro %}

{% macro default__exact_decimal(value, precision, scale) -%}
    cast({{ value }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{% macro duckdb__exact_decimal(value, precision, scale) -%}
    case
        when {{ value }} = trunc({{ value }}) then cast({{ value }} as decimal({{ precision }}, {{ scale }}))
        else cast(cast({{ value }} as varchar) as decimal({{ precision }}, {{ scale }}))
    end
{%- endmacro %}


{#
  How many different numbers from 0 to 62 a group holds, as an aggregate (exact, one machine word a group).

  Engines shift bits by an operator or by a function.
#}
{% macro bits_set(number) %}
    {{ return(adapter.dispatch("bits_set", "gymhouse")(number)) }}
{% endmacro %}

{% macro default__bits_set(number) -%}
    bit_count(bit_or(shiftleft(1L, cast({{ number }} as int))))
{%- endmacro %}

{% macro duckdb__bits_set(number) -%}
    bit_count(bit_or(cast(1 as bigint) << cast({{ number }} as bigint)))
{%- endmacro %}


{#
  One row for each number from 1 to the last (bigint); none, not one, when that is 0 or empty.

  Turning a range into rows is `unnest` on one engine and `explode` on another, where a range that runs backwards
  counts down.
#}
{% macro explode_numbers(last) %}
    {{ return(adapter.dispatch("explode_numbers", "gymhouse")(last)) }}
{% endmacro %}

{% macro default__explode_numbers(last) -%}
    explode(case when {{ last }} >= 1 then sequence(1L, cast({{ last }} as bigint)) end)
{%- endmacro %}

{% macro duckdb__explode_numbers(last) -%}
    unnest(range(1, cast({{ last }} as bigint) + 1))
{%- endmacro %}


{#
  How often a whole number goes into another, rounded down (bigint); the divisor is above 0.

  The operator has another name on each engine, and each cuts negative quotients off towards 0.
#}
{% macro whole_quotient(dividend, divisor) %}
    {{ return(adapter.dispatch("whole_quotient", "gymhouse")(dividend, divisor)) }}
{% endmacro %}

{% macro default__whole_quotient(dividend, divisor) -%}
    ((({{ dividend }}) - pmod({{ dividend }}, {{ divisor }})) div ({{ divisor }}))
{%- endmacro %}

{% macro duckdb__whole_quotient(dividend, divisor) -%}
    ((({{ dividend }}) - ((({{ dividend }}) % ({{ divisor }})) + ({{ divisor }})) % ({{ divisor }})) // ({{ divisor }}))
{%- endmacro %}
