{#
  The seed `age_bands` with a row for each age, as the query of a CTE: (age_years, age_band). Engines join what is equal many
  times faster than what lies between two numbers.
#}
{% macro ages_banded() -%}
    select
        cast(lowest_age + nth_age - 1 as int) as age_years,
        age_band
    from (
        select
            age_band,
            lowest_age,
            {{ explode_numbers('highest_age - lowest_age + 1') }} as nth_age
        from {{ ref('age_bands') }}
    ) as ages
{%- endmacro %}
