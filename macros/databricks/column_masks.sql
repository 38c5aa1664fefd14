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
    {%- set columns = get_columns_in_query(compiled_code) if not temporary and relation.schema in personal_schemas() else [] -%}
    {%- if not columns or not masks_of(relation, columns) -%}
        {{ return(dbt.databricks__create_table_as(temporary, relation, compiled_code, language)) }}
    {%- endif -%}
    {%- do run_query(dbt.databricks__create_table_as(false, relation, get_empty_subquery_sql(compiled_code), language)) -%}
    {%- do mask(relation, columns) -%}
    insert into {{ relation }} by name
    {{ compiled_code }}
{%- endmacro %}


{# A snapshot or sliced model outlives a build, so a column that was tagged since then is masked when dbt starts. #}
{% macro mask_what_stays() %}
    {% for node in graph.nodes.values() if node.config.materialized in ("snapshot", "incremental", "sliced") %}
        {% if node.schema in personal_schemas() %}
            {% set relation = adapter.get_relation(node.database, node.schema, node.alias) %}
            {% if relation %}
                {% do mask(relation, adapter.get_columns_in_relation(relation) | map(attribute="name") | list) %}
            {% endif %}
        {% endif %}
    {% endfor %}
{% endmacro %}

{# Columns that a snapshot or an incremental model gets later are masked before the next rows come. #}
{% macro databricks__create_columns(relation, columns) %}
    {% do dbt.databricks__create_columns(relation, columns) %}
    {% do mask(relation, columns | map(attribute="name") | list) %}
{% endmacro %}

{% macro databricks__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
    {% do dbt.databricks__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
    {% do mask(relation, (add_columns or []) | map(attribute="name") | list) %}
{% endmacro %}


{# Mask those of the named columns of a table that are personal. #}
{% macro mask(relation, columns) %}
    {% for column, function in masks_of(relation, columns).items() %}
        {% do run_query("alter table " ~ relation ~ " alter column `" ~ column ~ "` set mask " ~ function) %}
    {% endfor %}
{% endmacro %}

{# The personal ones among the columns of a table, with the function that masks each: {column: function}. #}
{% macro masks_of(relation, columns) %}
    {% set masks = {} %}
    {% if relation.schema in personal_schemas() %}
        {% set personal = personal_columns() %}
        {% for column in columns if column in personal %}
            {% do masks.update({column: mask_function(relation.database, relation.schema, personal[column])}) %}
        {% endfor %}
    {% endif %}
    {{ return(masks) }}
{% endmacro %}
