{#
  A code or word as its source should have sent it: lower case, no blanks around.

  Engines lower two letters differently: one writes a capital sigma at the end of a word as ς and a dotted capital I as
  two characters. Blanks are named, because a plain `trim` takes the keyboard's space alone on one engine and many of
  Unicode's on another.
#}
{% macro lower_trimmed(text) %}
    {{ return(adapter.dispatch("lower_trimmed", "gymhouse")(text)) }}
{% endmacro %}

{% macro default__lower_trimmed(text) -%}
    lower(translate({{ trimmed(text) }}, 'İΣ', 'iσ'))
{%- endmacro %}

{% macro duckdb__lower_trimmed(text) -%}
    lower({{ trimmed(text) }})
{%- endmacro %}


{# Without space, tab, line end and no-break space at either end. #}
{% macro trimmed(text) -%}
    trim(both '{{ " \t\r\n\u00a0" }}' from {{ text }})
{%- endmacro %}


{#
  Whether a pattern is found anywhere in a text; NULL when either is.

  The function has another name on each engine. Patterns keep to what RE2 and Java share: literals, classes, groups,
  `|`, `?`, `*`, `+`, `^`, `$`; no look-around, no back references, no `\d`.
#}
{% macro matches(text, pattern) %}
    {{ return(adapter.dispatch("matches", "gymhouse")(text, pattern)) }}
{% endmacro %}

{% macro default__matches(text, pattern) -%}
    ({{ text }} rlike {{ pattern }})
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}
