{# An amount of money (decimal with two places) in whole cents (bigint), in which shares of it are counted exactly. #}
{% macro cents(amount) -%}
    cast({{ amount }} * 100 as bigint)
{%- endmacro %}


{# Whole cents as an amount of money. #}
{% macro amount_of_cents(cents, precision=12) -%}
    cast(cast({{ cents }} as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal({{ precision }}, 2))
{%- endmacro %}


{# A whole number times a fraction of whole numbers, rounded half up to a whole number (bigint). #}
{% macro half_up(number, numerator, denominator) -%}
    {{ whole_quotient("2 * (" ~ number ~ ") * (" ~ numerator ~ ") + (" ~ denominator ~ ")", "2 * (" ~ denominator ~ ")") }}
{%- endmacro %}


{# What a price of one billing period makes a month, in whole cents: a year has 52 weeks, 13 times four weeks, 12 months. #}
{% macro monthly_cents(cents, billing_period) -%}
    case {{ billing_period }}
        when 'weekly' then {{ half_up(cents, 52, 12) }}
        when 'four_weekly' then {{ half_up(cents, 13, 12) }}
        when 'annual' then {{ half_up(cents, 1, 12) }}
        else {{ cents }}
    end
{%- endmacro %}
