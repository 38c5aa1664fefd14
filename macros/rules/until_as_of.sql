{#
  SQL: whether something of this date had happened by the day that the build is for. All of it, unless `as_of` names a
  day; what has no date stays, to be judged.
#}
{% macro until_as_of(date) -%}
    {{ "coalesce(" ~ date ~ " <= cast('" ~ var("as_of") ~ "' as date), true)" if var("as_of") else "true" }}
{%- endmacro %}
