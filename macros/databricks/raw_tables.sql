{#
  The lake of a workspace: `GYMHOUSE_LAKE`, else the volume `raw.lake` of the catalog.

  A developer's schema prefix does not move it: everybody builds from the same lake.
#}
{% macro databricks__lake_folder() %}
    {% set lake = env_var("GYMHOUSE_LAKE", "/Volumes/" ~ target.database ~ "/raw/lake").rstrip("/") %}
    {% if (not lake.startswith("/Volumes/") and "://" not in lake) or "'" in lake %}
        {% do exceptions.raise_compiler_error(
            "GYMHOUSE_LAKE is '" ~ lake ~ "', which Databricks cannot read. Name a folder of a volume (/Volumes/<catalog>/<schema>/<volume>/…) "
            ~ "or of an external location (s3://…, abfss://…, gs://…)."
        ) %}
    {% endif %}
    {{ return(lake) }}
{% endmacro %}


{# To name a folder that is not there is an error here, so they are looked up from the top: each is listed at most once. #}
{% macro databricks__filled_folders(folders) %}
    {% set listed = {} %}
    {% set filled = [] %}
    {% for folder in folders %}
        {% set walk = namespace(at=lake_folder(), arrived=true) %}
        {% for name in folder.split("/") %}
            {% if walk.arrived %}
                {% if walk.at not in listed %}
                    {% do listed.update({walk.at: run_query("list '" ~ walk.at ~ "'").columns["name"].values() | map("trim", "/") | list}) %}
                {% endif %}
                {% set walk.arrived = name in listed[walk.at] %}
                {% set walk.at = walk.at ~ "/" ~ name %}
            {% endif %}
        {% endfor %}
        {% if walk.arrived %}{% do filled.append(folder) %}{% endif %}
    {% endfor %}
    {% if unsettled_mark() in listed.get(lake_folder(), []) %}{{ refuse_unsettled_lake() }}{% endif %}
    {{ return(filled) }}
{% endmacro %}


{# A view, because Unity Catalog allows no external table over a volume. #}
{% macro databricks__register_raw_table(table, folder, has_files) %}
    {% set columns = raw_columns(table) %}
    create or replace view {{ table.relation_name }} as
    {% if has_files %}
    select
        {% for name, type in columns %}
        `{{ name }}`{{ "," if not loop.last }}
        {% endfor %}
    from read_files(
        '{{ folder }}',
        format => 'parquet',
        schema => '{% for name, type in columns %}`{{ name }}` {{ type }}{{ ", " if not loop.last }}{% endfor %}',
        {# Day folders are only folders: no column is made of their names. #}
        partitionColumns => '',
        pathGlobFilter => '*.parquet'
    )
    {% else %}
    select
        {% for name, type in columns %}
        cast(null as {{ type }}) as `{{ name }}`{{ "," if not loop.last }}
        {% endfor %}
    where false
    {% endif %}
{% endmacro %}
