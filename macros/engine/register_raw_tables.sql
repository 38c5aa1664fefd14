{#
  Make every raw table that the source files declare readable as `raw.<source>__<table>`.

  The lake is plain Parquet, so each engine needs its own way to see it as tables. A source without a single file
  must still build (empty), and a file landed before a column was declared must still read (the column is NULL).
  `meta.lake_path` names another place in the lake than `raw/<source>/<table>`.
#}
{% macro register_raw_tables() %}
    {% if not asks_the_engine() %}{{ return("") }}{% endif %}
    {% set tables = graph.sources.values() | selectattr("package_name", "equalto", project_name) | list %}
    {% for schema in tables | map(attribute="schema") | unique %}
        {% do adapter.create_schema(api.Relation.create(database=tables[0].database, schema=schema)) %}
    {% endfor %}
    {% set folders = [] %}
    {% for table in tables | sort(attribute="unique_id") %}
        {% do folders.append(raw_folder(table)) %}
    {% endfor %}
    {% set filled = adapter.dispatch("filled_folders", "gymhouse")(folders) %}
    {% for table in tables | sort(attribute="unique_id") %}
        {% set folder = raw_folder(table) %}
        {% do run_query(
            adapter.dispatch("register_raw_table", "gymhouse")(table, lake_folder() ~ "/" ~ folder, folder in filled)
        ) %}
    {% endfor %}
{% endmacro %}


{# Where a raw table's files lie, below the lake. #}
{% macro raw_folder(table) %}
    {{ return(table.meta.get("lake_path", "raw/" ~ table.source_name ~ "/" ~ table.name)) }}
{% endmacro %}


{# Whether this command runs statements: compiling and documenting ask no engine anything, so that they work without one. #}
{% macro asks_the_engine() %}
    {{ return(execute and flags.WHICH in ("build", "run", "test", "seed", "snapshot")) }}
{% endmacro %}


{# Where the lake lies. #}
{% macro lake_folder() %}
    {{ return(adapter.dispatch("lake_folder", "gymhouse")()) }}
{% endmacro %}

{# Absolute, so that views over the lake read the same from any working directory. #}
{% macro default__lake_folder() %}
    {% set home = env_var("GYMHOUSE_HOME", "var") %}
    {{ return((home if home.startswith("/") else invocation_args_dict.project_dir ~ "/" ~ home) ~ "/lake") }}
{% endmacro %}


{#
  Which of these folders of the lake hold files. Engines that take a missing folder for an empty one need not look.
#}
{% macro default__filled_folders(folders) %}
    {{ return(folders) }}
{% endmacro %}

{% macro duckdb__filled_folders(folders) %}
    {% set marks = run_query("select count(*) from glob('" ~ lake_folder() ~ "/" ~ unsettled_mark() ~ "')") %}
    {% if marks.columns[0].values()[0] %}{{ refuse_unsettled_lake() }}{% endif %}
    {% set filled = [] %}
    {% for folder in folders %}
        {% set files = run_query("select count(*) from glob('" ~ parquet_files(lake_folder() ~ "/" ~ folder) ~ "')") %}
        {% if files.columns[0].values()[0] %}{% do filled.append(folder) %}{% endif %}
    {% endfor %}
    {{ return(filled) }}
{% endmacro %}

{# Lies in the lake while landing's commands merge or delete files there, and after a kill until the lake is settled. #}
{% macro unsettled_mark() %}
    {{ return("unsettled.json") }}
{% endmacro %}

{% macro refuse_unsettled_lake() %}
    {% do exceptions.raise_compiler_error(
        "In the lake " ~ lake_folder() ~ " files are being merged or deleted, or a kill cut that short: rows may lie there twice. "
        ~ "Wait until `python -m ingest compact` or `retire` has ended; if none is under way, run `python -m ingest settle`."
    ) %}
{% endmacro %}

{% macro parquet_files(folder) %}
    {{ return(folder ~ "/**/*.parquet") }}
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


{% macro default__register_raw_table(table, folder, has_files) %}
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


{% macro duckdb__register_raw_table(table, folder, has_files) %}
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
        select * from read_parquet('{{ parquet_files(folder) }}', union_by_name = true, hive_partitioning = false)
        {% endif %}
    )
{% endmacro %}
