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


{#
  The product of a value (double) over the rows up to this one, in their order.

  Only one engine has a product, and logarithms lose the last digits and everything at 0. The order is fixed, because
  the last digits of a product depend on it.
#}
{% macro running_product(value, partition_by, order_by) %}
    {{ return(adapter.dispatch("running_product", "gymhouse")(value, partition_by, order_by)) }}
{% endmacro %}

{% macro default__running_product(value, partition_by, order_by) -%}
    aggregate(
        collect_list({{ value }}) over ({{ rows_so_far(partition_by, order_by) }}),
        cast(1 as double), (product, factor) -> product * factor
    )
{%- endmacro %}

{% macro duckdb__running_product(value, partition_by, order_by) -%}
    list_aggregate(list({{ value }}) over ({{ rows_so_far(partition_by, order_by) }}), 'product')
{%- endmacro %}

{% macro rows_so_far(partition_by, order_by) -%}
    partition by {{ partition_by }} order by {{ order_by }} rows between unbounded preceding and current row
{%- endmacro %}
