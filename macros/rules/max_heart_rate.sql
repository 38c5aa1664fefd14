{# Highest heart rate to expect at an age in years, beats a minute (Nes and others, 2013): 211 − 0.64 × age. #}
{% macro max_heart_rate(age_years) -%}
    (211 - 0.64 * {{ age_years }})
{%- endmacro %}
