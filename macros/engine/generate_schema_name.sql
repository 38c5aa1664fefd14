{#
  Schemas are called what they are (bronze, silver, gold, restricted), without the target's name before them.

  A developer's own target on a shared warehouse sets `schema_prefix`, so that people do not build over each other.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ var("schema_prefix", "") }}{{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
