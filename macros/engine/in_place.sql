{#
  Tables and views on DuckDB are dropped and made again under their own name, within one transaction: whoever reads
  meanwhile sees the old one, and a failure leaves it. dbt's own way makes them under another name and renames twice,
  for which dbt works longer than the engine does (docs/performance.md has the figures).
#}
{% materialization table, adapter="duckdb" %}
    {{ return(make_in_place("table")) }}
{% endmaterialization %}

{% materialization view, adapter="duckdb" %}
    {{ return(make_in_place("view")) }}
{% endmaterialization %}

{% macro make_in_place(kind) %}
    {% set existing = load_cached_relation(this) %}
    {% set target_relation = this.incorporate(type=kind) %}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {# Rendered first: a broken contract is told before anything is dropped. #}
    {% set create = create_table_as(False, target_relation, sql) if kind == "table" else create_view_as(target_relation, sql) %}
    {% if existing is not none %}
        {% call statement("drop_existing") %}drop {{ existing.type }} {{ existing }}{% endcall %}
    {% endif %}
    {% call statement("main") %}{{ create }}{% endcall %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do apply_grants(target_relation, config.get("grants"), should_revoke(existing, full_refresh_mode=True)) %}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({"relations": [target_relation]}) }}
{% endmacro %}
