{#
  Fails for each row that breaks what a column's `config.meta` says of its values, and says which in `broken_rules`.

      required: true     never empty
      lowest, highest    nothing below, nothing above; both ends are allowed
      values: [a, b]     nothing else

  An empty value breaks `required` only. One query and one test a table, however many rules: dbt takes longer to begin
  a test than the engine takes to run it. A personal value is not repeated.
#}
{% test column_rules(model) %}

{% set broken = [] %}
{% if execute %}
    {% for column in tested_node().columns.values() %}
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
    {% if not broken %}
        {{ exceptions.raise_compiler_error(model ~ " has no column with a rule: give one config: {meta: {required: true}}, or leave column_rules out.") }}
    {% endif %}
{% endif %}

select
    *,
    concat_ws(
        ', '{% for condition, sentence in broken %},
        case when {{ condition }} then {{ sentence }} end{% endfor %}
    ) as broken_rules
from {{ model }}
where
    false{% for condition, sentence in broken %}
    or {{ condition }}{% endfor %}

{% endtest %}
