{# Completed years of life on a day (int); born on 29 February counts up on 1 March. #}
{% macro age_in_years(birth_date, on_date) -%}
    cast(
        floor(
            (
                (extract(year from {{ on_date }}) * 10000 + extract(month from {{ on_date }}) * 100 + extract(day from {{ on_date }}))
                - (extract(year from {{ birth_date }}) * 10000 + extract(month from {{ birth_date }}) * 100 + extract(day from {{ birth_date }}))
            ) / 10000.0
        ) as int
    )
{%- endmacro %}
