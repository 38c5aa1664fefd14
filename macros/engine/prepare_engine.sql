{#
  What an engine needs before a build; called when dbt starts.

  The local Spark is set up by the profile alone, DuckDB nearly so. A workspace is not ours: who may connect, and in which
  time zone its sessions are, is asked before anything is built.
#}
{% macro prepare_engine() %}
    {{ return(adapter.dispatch("prepare_engine", "gymhouse")()) }}
{% endmacro %}

{% macro default__prepare_engine() %}{% endmacro %}

{# How much memory a build may take before it spills to disk: eight tenths of the machine's, or what the variable says. #}
{% macro duckdb__prepare_engine() %}
    {% if execute and env_var("GYMHOUSE_MEMORY", "") %}
        {% do run_query("set global memory_limit = '" ~ env_var("GYMHOUSE_MEMORY") ~ "'") %}
    {% endif %}
{% endmacro %}

{% macro databricks__prepare_engine() %}
    {# Also while dbt parses: before it tries to connect, which would name one missing setting only, by another name. #}
    {% do require_credentials() %}
    {% if asks_the_engine() %}
        {% do require_utc() %}
        {% do create_mask_functions() %}
        {% do mask_what_stays() %}
    {% endif %}
{% endmacro %}


{% macro require_credentials() %}
    {% set missing = [] %}
    {% for name in ["DATABRICKS_HOST", "DATABRICKS_HTTP_PATH"] %}
        {% if not env_var(name, "") %}{% do missing.append(name) %}{% endif %}
    {% endfor %}
    {% if not env_var("DATABRICKS_TOKEN", "") and not (env_var("DATABRICKS_CLIENT_ID", "") and env_var("DATABRICKS_CLIENT_SECRET", "")) %}
        {% do missing.append("DATABRICKS_TOKEN (or DATABRICKS_CLIENT_ID with DATABRICKS_CLIENT_SECRET)") %}
    {% endif %}
    {% if missing %}
        {% do exceptions.raise_compiler_error(
            "The target 'databricks' has no credentials: set " ~ missing | join(", ")
            ~ " in the environment; docs/databricks.md says where to find them."
        ) %}
    {% endif %}
{% endmacro %}


{# The profile asks for UTC, but a cluster's own setting may win; in another zone timestamps would turn into other days. #}
{% macro require_utc() %}
    {% set zone = run_query("select current_timezone()").columns[0].values()[0] %}
    {% if zone not in ("UTC", "Etc/UTC", "GMT", "Z", "+00:00") %}
        {% do exceptions.raise_compiler_error(
            "Sessions on this compute are in the time zone " ~ zone ~ ", and days would differ from those of other engines. "
            ~ "Set 'spark.sql.session.timeZone UTC' in the cluster's Spark configuration, or use a SQL warehouse."
        ) %}
    {% endif %}
{% endmacro %}
