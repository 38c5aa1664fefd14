{#
  SQL: whether a time of an export can be meant: from 1970 to 2199. A typing slip of centuries would otherwise reach the
  ends of the calendar, where local days and the days around them do not exist. Unknown (NULL) stays unknown.
#}
{% macro is_plausible_time(timestamp) -%}
    ({{ timestamp }} >= cast('1970-01-01' as timestamp) and {{ timestamp }} < cast('2200-01-01' as timestamp))
{%- endmacro %}
