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
