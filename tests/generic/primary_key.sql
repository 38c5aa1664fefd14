{#
  Fails for each key that more than one row has, and for each row that lacks a part of its key.

  The key is the one that the table's `config.meta.key` names: stated once, read by the release and the gate too.
#}
{% test primary_key(model) %}

{% set table = namespace(key=[]) %}
{% if execute %}
    {% for node in graph.nodes.values() if node.relation_name == model | string %}
        {% set table.key = node.config.meta.key %}
    {% endfor %}
    {% if not table.key %}
        {{ exceptions.raise_compiler_error(model ~ " names no key: give it config: {meta: {key: [column, …]}}.") }}
    {% endif %}
{% endif %}

select
    {{ table.key | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ table.key | join(', ') }}
having
    count(*) > 1
    {% for column in table.key %}or {{ column }} is null
    {% endfor %}

{% endtest %}
