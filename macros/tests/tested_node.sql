{# The model, seed or snapshot at which the generic test stands that is being compiled; nothing for any other test. #}
{% macro tested_node() %}
    {{ return(graph.nodes.get(model.attached_node)) }}
{% endmacro %}
