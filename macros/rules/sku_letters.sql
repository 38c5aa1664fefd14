{#
  What a till wrote as the number of a product, as `sku_patterns` read it: upper case, no blanks or separators.

  Letters are named, because engines disagree on the upper case of 129 others.
#}
{% macro sku_letters(sku) -%}
    translate({{ trimmed(sku) }}, 'abcdefghijklmnopqrstuvwxyz _.-', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
{%- endmacro %}
