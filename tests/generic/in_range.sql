{# Fails for each value outside the bounds; both ends are allowed, and either may be left open. NULL passes. #}
{% test in_range(model, column_name, lowest=none, highest=none) %}

select *
from {{ model }}
where
    {% if lowest is not none %}{{ column_name }} < {{ lowest }}{% else %}false{% endif %}
    or {% if highest is not none %}{{ column_name }} > {{ highest }}{% else %}false{% endif %}

{% endtest %}
