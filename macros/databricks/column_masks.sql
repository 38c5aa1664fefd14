{#
  Column masks: whoever is not cleared reads `***` or NULL where a column is tagged `pii`.

  The tags in the YAML files are the one list of personal columns; masks are made of it. Views cannot carry masks, so
  nobody is granted a view that shows such a column.
#}

{# The names of all columns that a source, model or seed tags `pii`, with their types: {name: data_type}. #}
{% macro personal_columns() %}
    {% set personal = {} %}
    {% for node in graph.sources.values() | list + graph.nodes.values() | list %}
        {% for column in node.columns.values() if "pii" in column.tags %}
            {% do personal.update({column.name: column.data_type}) %}
        {% endfor %}
    {% endfor %}
    {{ return(personal) }}
{% endmacro %}


{# The schemas that such columns live in. #}
{% macro personal_schemas() %}
    {% set schemas = [] %}
    {% for node in graph.nodes.values() %}
        {% for column in node.columns.values() if "pii" in column.tags %}
            {% do schemas.append(node.schema) %}
        {% endfor %}
    {% endfor %}
    {{ return(schemas | unique | list) }}
{% endmacro %}


{# Groups of the environment variable `name`, a comma-separated list. #}
{% macro groups_of(name) %}
    {{ return(env_var(name, "").split(",") | map("trim") | select | list) }}
{% endmacro %}


{#
  One function a type and schema. Cleared are the groups of `GYMHOUSE_PERSONAL_DATA_READERS`, and whoever builds: models
  read each other's masked columns, and a build that saw masks would count people without age.
#}
{% macro create_mask_functions() %}
    {% set builder = run_query("select session_user()").columns[0].values()[0] %}
    {% set cleared = ["session_user() = '" ~ builder | replace("'", "\\'") ~ "'"] %}
    {% for group in groups_of("GYMHOUSE_PERSONAL_DATA_READERS") %}
        {% do cleared.append("is_account_group_member('" ~ group | replace("'", "\\'") ~ "')") %}
    {% endfor %}
    {% for schema in personal_schemas() %}
        {% do adapter.create_schema(api.Relation.create(database=target.database, schema=schema)) %}
        {% for type in personal_columns().values() | unique %}
            {% do run_query(mask_function_sql(mask_function(target.database, schema, type), type, cleared)) %}
        {% endfor %}
    {% endfor %}
{% endmacro %}

{% macro mask_function(database, schema, type) -%}
    `{{ database }}`.`{{ schema }}`.`mask_{{ type }}`
{%- endmacro %}

{% macro mask_function_sql(name, type, cleared) %}
    create or replace function {{ name }}(value {{ type }})
    returns {{ type }}
    return case when {{ cleared | join(" or ") }} then value {{ "else '***' " if type == "string" }}end
{% endmacro %}


{#
  Tables with personal columns are made empty, masked, and then filled: there is no moment at which a reader meets them
  bare, whether or not replacing a table keeps its masks. Any other table is replaced in one step, as dbt does.

  dbt-databricks can mask columns itself, but only by a second list beside the tags, not in snapshots, and by building
  every table of the project in two steps (`use_materialization_v2`).
#}
{% macro databricks__create_table_as(temporary, relation, compiled_code, language="sql") -%}
    {%- set masks = {} if temporary else masks_of(relation, compiled_code) -%}
    {%- if not masks -%}
        {{ return(dbt.databricks__create_table_as(temporary, relation, compiled_code, language)) }}
    {%- endif -%}
    {%- do run_query(dbt.databricks__create_table_as(false, relation, get_empty_subquery_sql(compiled_code), language)) -%}
    {%- for column, function in masks.items() -%}
        {%- do run_query("alter table " ~ relation ~ " alter column `" ~ column ~ "` set mask " ~ function) -%}
    {%- endfor -%}
    insert into {{ relation }} by name
    {{ compiled_code }}
{%- endmacro %}

{# The personal columns of a query that becomes this table, with the function that masks each: {column: function}. #}
{% macro masks_of(relation, query) %}
    {% set masks = {} %}
    {% if relation.schema in personal_schemas() %}
        {% set personal = personal_columns() %}
        {% for column in get_columns_in_query(query) if column in personal %}
            {% do masks.update({column: mask_function(relation.database, relation.schema, personal[column])}) %}
        {% endfor %}
    {% endif %}
    {{ return(masks) }}
{% endmacro %}
