{#
  One text key from several columns: md5 over their texts.

  NULL and the empty text stay apart, and ('a', 'bc') differs from ('ab', 'c'). Give numbers, dates and texts only:
  engines print timestamps and doubles differently.
#}
{% macro surrogate_key(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append("coalesce(cast(" ~ column ~ " as string), '~null~')") -%}
        {%- if not loop.last %}{% do parts.append("'|'") %}{% endif -%}
    {%- endfor -%}
    md5({{ parts | join(" || ") }})
{%- endmacro %}


{# The key of a member; every table that speaks of a person carries this one. #}
{% macro member_key(user_id) -%}
    {{ surrogate_key(["'member'", user_id]) }}
{%- endmacro %}
