{# Bands of a day's steps. #}
{% macro activity_level(steps) -%}
    case
        when {{ steps }} is null then 'unknown'
        when {{ steps }} < 5000 then 'sedentary'
        when {{ steps }} < 10000 then 'light'
        when {{ steps }} < 15000 then 'moderate'
        else 'active'
    end
{%- endmacro %}


{# Bands of a night's hours of sleep. #}
{% macro sleep_quality(sleep_hours) -%}
    case
        when {{ sleep_hours }} is null then 'unknown'
        when {{ sleep_hours }} < 6 then 'poor'
        when {{ sleep_hours }} < 8 then 'fair'
        when {{ sleep_hours }} < 10 then 'good'
        else 'excellent'
    end
{%- endmacro %}


{# The World Health Organization's bands of the body-mass index. #}
{% macro bmi_category(bmi) -%}
    case
        when {{ bmi }} is null then 'unknown'
        when {{ bmi }} < 18.5 then 'underweight'
        when {{ bmi }} < 25 then 'normal'
        when {{ bmi }} < 30 then 'overweight'
        else 'obese'
    end
{%- endmacro %}


{#
  Energy that the body burns at rest, kcal a day (Mifflin–St Jeor, 1990). NULL where a term is missing or the gender
  is neither of the two that the formula was fitted to. In doubles: nothing is summed over rows, and no height that a
  user may have typed is too large for one.
#}
{% macro basal_metabolic_rate(weight_kg, height_cm, age, gender) -%}
    10 * cast({{ weight_kg }} as double) + 6.25 * cast({{ height_cm }} as double) - 5 * {{ age }}
    + case
        when {{ gender }} in ('m', 'male') then 5
        when {{ gender }} in ('f', 'female') then -161
    end
{%- endmacro %}


{# A value held between two bounds (double); NULL stays NULL, where `least` and `greatest` would pass over it. #}
{% macro clamp(value, lowest, highest) -%}
    cast(
        case
            when {{ value }} < {{ lowest }} then {{ lowest }}
            when {{ value }} > {{ highest }} then {{ highest }}
            else {{ value }}
        end as double
    )
{%- endmacro %}
