{#
  Make every raw table that the source files declare readable as `raw.<source>__<table>`.

  The lake is plain Parquet, so each engine needs its own way to see it as tables. A source without a single file
  must still build (empty), and a file landed before a column was declared must still read (the column is NULL).
  `meta.lake_path` names another place in the lake than `raw/<source>/<table>`.
#}
{% macro register_raw_tables() %}
    {# Compiling and documenting ask no engine anything, so that they work without one. #}
    {% if not execute or flags.WHICH not in ("build", "run", "test", "seed", "snapshot") %}{{ return("") }}{% endif %}
    {% set tables = graph.sources.values() | selectattr("package_name", "equalto", project_name) | list %}
    {% for schema in tables | map(attribute="schema") | unique %}
        {% do adapter.create_schema(api.Relation.create(database=tables[0].database, schema=schema)) %}
    {% endfor %}
    {% for table in tables | sort(attribute="unique_id") %}
        {% set lake_path = table.meta.get("lake_path", "raw/" ~ table.source_name ~ "/" ~ table.name) %}
        {% do run_query(adapter.dispatch("register_raw_table", "gymhouse")(table, lake_folder() ~ "/" ~ lake_path)) %}
    {% endfor %}
{% endmacro %}


{# Absolute, so that views over the lake read the same from any working directory. #}
{% macro lake_folder() %}
    {% set home = env_var("GYMHOUSE_HOME", "var") %}
    {{ return((home if home.startswith("/") else invocation_args_dict.project_dir ~ "/" ~ home) ~ "/lake") }}
{% endmacro %}


{# Every raw table's columns: those of its source file, then those that landing adds to each row. #}
{% macro raw_columns(table) %}
    {% set columns = [] %}
    {% for column in table.columns.values() %}
        {% do columns.append((column.name, column.data_type)) %}
    {% endfor %}
    {% for name, type in [("_rescued", "string"), ("_source", "string"), ("_row", "bigint"), ("_landed_at", "timestamp"), ("_batch", "string")] %}
        {% do columns.append((name, type)) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}


{% macro default__register_raw_table(table, folder) %}
    {# The list of tables outlives a build: one of an older source file or home gives way. The files stay. #}
    {% do run_query("drop table if exists " ~ table.schema ~ "." ~ table.identifier) %}
    create table {{ table.schema }}.{{ table.identifier }} (
        {% for name, type in raw_columns(table) %}
        `{{ name }}` {{ type }}{{ "," if not loop.last }}
        {% endfor %}
    )
    using parquet
    {# Day folders are only folders: files are found below them, and no column is made of their names. #}
    options (path '{{ folder }}', recursiveFileLookup 'true')
{% endmacro %}


{% macro duckdb__register_raw_table(table, folder) %}
    {% set files = folder ~ "/**/*.parquet" %}
    {% set has_files = run_query("select count(*) > 0 from glob('" ~ files ~ "')").columns[0].values()[0] %}
    create or replace view {{ table.schema }}.{{ table.identifier }} as
    select
        {% for name, type in raw_columns(table) %}
        "{{ name }}"{{ "," if not loop.last }}
        {% endfor %}
    from (
        select
            {% for name, type in raw_columns(table) %}
            cast(null as {{ type }}) as "{{ name }}"{{ "," if not loop.last }}
            {% endfor %}
        where false
        {% if has_files %}
        union all by name
        select * from read_parquet('{{ files }}', union_by_name = true, hive_partitioning = false)
        {% endif %}
    )
{% endmacro %}
