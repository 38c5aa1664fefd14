{# SQL of each rule of a table's columns: (the condition under which a row breaks it, a text that says so). #}
{% macro broken_column_rules(node) %}
    {% set broken = [] %}
    {% for column in node.columns.values() %}
        {% set said = column.config.meta %}
        {% set shown = "''" if "pii" in column.tags else "cast(" ~ column.name ~ " as string)" %}
        {% if said.required %}
            {% do broken.append((column.name ~ " is null", "'" ~ column.name ~ " is empty'")) %}
        {% endif %}
        {% if "lowest" in said %}
            {% set sentence = "concat('" ~ column.name ~ " ', " ~ shown ~ ", ' is below " ~ said.lowest ~ "')" %}
            {% do broken.append((column.name ~ " < " ~ said.lowest, sentence)) %}
        {% endif %}
        {% if "highest" in said %}
            {% set sentence = "concat('" ~ column.name ~ " ', " ~ shown ~ ", ' is above " ~ said.highest ~ "')" %}
            {% do broken.append((column.name ~ " > " ~ said.highest, sentence)) %}
        {% endif %}
        {% if said.get("values") %}
            {% set listed = [] %}
            {% for value in said["values"] %}
                {% do listed.append("'" ~ value ~ "'" if value is string else value) %}
            {% endfor %}
            {% set sentence = "concat('" ~ column.name ~ " ', " ~ shown ~ ", ' is no listed value')" %}
            {% do broken.append((column.name ~ " not in (" ~ listed | join(", ") ~ ")", sentence)) %}
        {% endif %}
    {% endfor %}
    {{ return(broken) }}
{% endmacro %}
