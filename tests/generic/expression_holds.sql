{# Fails for each row for which the expression is not true; unknown (NULL) fails too. #}
{% test expression_holds(model, expression) %}

select *
from {{ model }}
where coalesce(not ({{ expression }}), true)

{% endtest %}
