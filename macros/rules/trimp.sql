{#
  Training impulse of minutes spent at a share of the heart-rate reserve (Banister, 1991): minutes × x × k × e^(b·x), with
  k and b as fitted to men (0.64, 1.92) and to women (0.86, 1.67). Whose sex nobody told gets the mean of both.

  `share` is held between 0 and 1: a heart below rest trains nothing, and one above the expected maximum is at its own.
#}
{% macro trimp(minutes, share, sex) -%}
    {%- set held = clamp(share, 0, 1) -%}
    {%- set of_men = "0.64 * exp(1.92 * " ~ held ~ ")" -%}
    {%- set of_women = "0.86 * exp(1.67 * " ~ held ~ ")" -%}
    ({{ minutes }}) * {{ held }} * case
        when {{ sex }} in ('m', 'M') then {{ of_men }}
        when {{ sex }} in ('f', 'F') then {{ of_women }}
        else ({{ of_men }} + {{ of_women }}) / 2
    end
{%- endmacro %}
