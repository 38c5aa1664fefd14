{#
  An input of a sliced model, narrowed to what the touched slices read of it. Use it where you would write `ref`:

      select * from {{ touched('int_lifelog_deduplicated') }}

  The whole input when the model is built anew, compiled or unit tested.
#}
{% macro touched(name) %}
    {% set relation = ref(name) %}
    {% if model.config.materialized == "sliced" and asks_the_engine() %}
        {{ return("(select * from " ~ relation ~ " where [[touched:" ~ name ~ "]])") }}
    {% endif %}
    {{ return(relation) }}
{% endmacro %}


{# The model's SQL with every `touched` input narrowed to `slices`; none: to nothing. #}
{% macro narrowed(sql, inputs, state, due, slices) %}
    {% set text = namespace(sql=sql) %}
    {% for name in modules.re.findall("\\[\\[touched:(\\w+)\\]\\]", sql) | unique %}
        {% set found = inputs | selectattr("seen_as", "equalto", name) | selectattr("column") | list %}
        {% set condition = input_condition(found[0], state, due, slices) if found and slices is not none else "true" %}
        {% set text.sql = text.sql | replace("[[touched:" ~ name ~ "]]", condition | trim) %}
    {% endfor %}
    {% for name in modules.re.findall("\\[\\[frozen:(\\w+)\\]\\]", sql) | unique %}
        {% set known = slice_state(name) %}
        {% set text.sql = text.sql | replace("[[frozen:" ~ name ~ "]]", frozen_in(known) if has_state(known) and not loses_retired() else nothing_frozen()) %}
    {% endfor %}
    {{ return(text.sql | replace("[[before]]", due.before)) }}
{% endmacro %}

{% macro input_condition(input, state, due, slices) %}
    {% set read = days_around(slices, input.days) %}
    {% set condition = slice_condition(input.column, read) %}
    {% if input.epoch and read %}
        {% set condition = epoch_condition(input.epoch, read) ~ " and " ~ condition %}
    {% elif input.kind == "raw" and input.listed and read %}
        {% set batches = run_query(batches_of(input, state, due, read)).columns[0].values() | list %}
        {# Rows are found by their batch, which is one value a file. A list beyond it costs more than it saves. #}
        {% if batches | length <= 2000 %}
            {% set condition = slice_condition("batch", batches) ~ " and " ~ condition %}
        {% endif %}
    {% endif %}
    {{ return(condition) }}
{% endmacro %}

{# SQL: whether a raw column of epoch seconds lies between the first and the last of these days. #}
{% macro epoch_condition(column, days) -%}
    {%- set begin = modules.datetime.date.fromisoformat("1970-01-01") -%}
    {%- set first = (modules.datetime.date.fromisoformat(days | min) - begin).days * 86400 -%}
    {%- set end = (modules.datetime.date.fromisoformat(days | max) - begin).days * 86400 + 86400 -%}
    {{ column ~ " >= " ~ first ~ " and " ~ column ~ " < " ~ end }}
{%- endmacro %}

{# The batches that hold rows of these slices, known before or new. #}
{% macro batches_of(input, state, due, slices) %}
    {% set rows = "input = '" ~ input.name ~ "' and " ~ text_condition("slice", slices) %}
    select input_slice from {{ held(state, "mapped") }} where {{ rows }}
    {% if not due.whole %}
        union
        select input_slice from {{ known(state) }} where {{ rows }}
    {% else %}
        group by input_slice
    {% endif %}
    order by 1
{% endmacro %}


{# Slices with the days around them that are read too; keys have none. #}
{% macro days_around(slices, days) %}
    {% if days == [0, 0] %}{{ return(slices) }}{% endif %}
    {% set read = [] %}
    {% for slice in slices %}
        {% set day = modules.datetime.date.fromisoformat(slice) %}
        {% for offset in range(-days[0], days[1] + 1) %}
            {% do read.append((day + modules.datetime.timedelta(days=offset)).isoformat()) %}
        {% endfor %}
    {% endfor %}
    {{ return(read | unique | sort) }}
{% endmacro %}


{# SQL: whether a column is one of these slices. Literals of the column's own type, so that engines skip by statistics. #}
{% macro slice_condition(column, slices) -%}
    {%- if follow_each_other(slices) -%}
        {{ return(column ~ " between date '" ~ slices | min ~ "' and date '" ~ slices | max ~ "'") }}
    {%- endif -%}
    {%- set literals = [] -%}
    {%- for slice in slices -%}
        {%- if modules.re.match("^\\d{4}-\\d\\d-\\d\\d$", slice) -%}
            {%- do literals.append("date '" ~ slice ~ "'") -%}
        {%- elif modules.re.match("^-?\\d{1,18}$", slice) -%}
            {%- do literals.append(slice) -%}
        {%- else -%}
            {%- do literals.append("'" ~ slice | replace("'", "''") ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ column ~ " in (" ~ literals | join(", ") ~ ")" if literals else "false" }}
{%- endmacro %}

{# Whether slices are days without a gap: engines compare a range faster than a list. #}
{% macro follow_each_other(slices) %}
    {% if slices | length < 2 or not modules.re.match("^\\d{4}-\\d\\d-\\d\\d$", slices[0]) %}{{ return(false) }}{% endif %}
    {% set span = modules.datetime.date.fromisoformat(slices | max) - modules.datetime.date.fromisoformat(slices | min) %}
    {{ return(span.days + 1 == slices | unique | list | length) }}
{% endmacro %}

{# The same for a column that holds slices as texts. #}
{% macro text_condition(column, slices) -%}
    {{ column ~ " in ('" ~ slices | map("replace", "'", "''") | join("', '") ~ "')" if slices else "false" }}
{%- endmacro %}
