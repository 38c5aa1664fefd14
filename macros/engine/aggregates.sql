{#
  The distinct texts of a group in alphabetical order, comma separated; NULL counts for nothing.

  `listagg` ignores its order on Spark. A list without a text is empty on one engine and NULL on another: here empty.
#}
{% macro sorted_list(text) %}
    {{ return(adapter.dispatch("sorted_list", "gymhouse")(text)) }}
{% endmacro %}

{% macro default__sorted_list(text) -%}
    array_join(sort_array(collect_set({{ text }})), ', ')
{%- endmacro %}

{% macro duckdb__sorted_list(text) -%}
    coalesce(array_to_string(list_sort(list(distinct {{ text }})), ', '), '')
{%- endmacro %}


{#
  The first value of a window that is not NULL, without the `over (…)`.

  `ignore nulls` stands inside the call on one engine and behind it on another.
#}
{% macro first_known(value) %}
    {{ return(adapter.dispatch("first_known", "gymhouse")(value)) }}
{% endmacro %}

{% macro default__first_known(value) -%}
    first_value({{ value }}) ignore nulls
{%- endmacro %}

{% macro duckdb__first_known(value) -%}
    first_value({{ value }} ignore nulls)
{%- endmacro %}
