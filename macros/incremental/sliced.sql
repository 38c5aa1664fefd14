{#
  A table that is rebuilt slice by slice: all rows of one value of `slice_by` (a day, a member) are one slice, and only
  slices that something new touches are made anew, whole. docs/incremental.md tells how to use it and why it is right.

  What a model says of itself stands under `meta`:

  slice_by     the column of the model that says to which slice a row belongs; never empty
  reads        how a change in an input reaches slices, where the names alone do not tell (macros/incremental/inputs.sql)
  chunk_rows   at most about so many rows of input at once; without it all touched slices are built in one statement
#}
{% materialization sliced, default %}
    {% set target_relation = this.incorporate(type="table") %}
    {% set existing = load_cached_relation(this) %}
    {% set state = slice_state(this.identifier) %}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% set inputs = slice_inputs() %}
    {% set text = model_text(inputs) %}
    {% set keeps = existing is not none and existing.is_table and has_state(state) and not should_full_refresh() %}
    {% set due = slices_due(inputs, state, text, keeps) %}
    {% do due.update({"before": hold_rows_before(existing, inputs, state, due)}) %}

    {% if due.whole %}
        {% do refuse_to_lose_retired(inputs, state, existing) %}
        {% do begin_together() %}
        {% do build_whole(target_relation, existing, inputs, state, due) %}
        {% do write_state(target_relation, state, inputs, text, due) %}
        {% do tell("all " ~ (due.slices | length ~ " " if due.slices else "") ~ "slices") %}
    {% elif due.changed %}
        {% do begin_together() %}
        {% for part in parts_of(due) %}
            {% do replace_slices(target_relation, narrowed(sql, inputs, state, due, part), part) %}
        {% endfor %}
        {% do write_state(target_relation, state, inputs, text, due) %}
        {% do tell(due.slices | length ~ " slices") %}
    {% else %}
        {% do tell("nothing new") %}
    {% endif %}
    {% do let_go(held(state, "known"), held(state, "now"), held(state, "changed"), held(state, "mapped"), held(state, "before")) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do apply_grants(target_relation, config.get("grants"), should_revoke(existing, full_refresh_mode=due.whole)) %}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() if target.type == "duckdb" }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}


{# Make the table anew; in parts, if it is to be built in parts. #}
{% macro build_whole(relation, existing, inputs, state, due) %}
    {% if not model.config.meta.chunk_rows %}
        {% do create_anew(relation, existing, narrowed(sql, inputs, state, due, none)) %}
        {{ return("") }}
    {% endif %}
    {% do create_anew(relation, existing, "select * from (" ~ narrowed(sql, inputs, state, due, []) ~ ") as nothing where false") %}
    {% for part in parts_of(due) %}
        {% do insert_slices(relation, narrowed(sql, inputs, state, due, part), part) %}
    {% endfor %}
{% endmacro %}


{# Touched slices in lists of about `chunk_rows` rows of input each; one list without it. #}
{% macro parts_of(due) %}
    {% set most = model.config.meta.chunk_rows %}
    {% set parts = [] %}
    {% set open = namespace(slices=[], rows=0) %}
    {% for slice, rows in due.slices %}
        {% if most and open.slices and open.rows + rows > most %}
            {% do parts.append(open.slices) %}
            {% set open.slices = [] %}
            {% set open.rows = 0 %}
        {% endif %}
        {% do open.slices.append(slice) %}
        {% set open.rows = open.rows + rows %}
    {% endfor %}
    {% if open.slices %}{% do parts.append(open.slices) %}{% endif %}
    {{ return(parts) }}
{% endmacro %}


{# What dbt prints beside the model. #}
{% macro tell(message) %}
    {% call noop_statement("main", "REBUILT " ~ message if message != "nothing new" else "NOTHING NEW") %}{{ sql }}{% endcall %}
{% endmacro %}


{#
  Whether data and state change together or not at all from here on.

  On DuckDB one transaction holds both. Delta has none over two tables: each statement stands alone there, data before
  state, so that whatever was not recorded is built once more.
#}
{% macro begin_together() %}
    {{ return(adapter.dispatch("begin_together", "gymhouse")()) }}
{% endmacro %}

{% macro default__begin_together() %}{% endmacro %}

{% macro duckdb__begin_together() %}
    {% call statement("begin", auto_begin=True) %}select 1{% endcall %}
{% endmacro %}


{#
  Replace a table by the rows of a query, in one step for whoever reads.

  Delta replaces tables; DuckDB drops and creates, within the transaction.
#}
{% macro create_anew(relation, existing, query) %}
    {{ return(adapter.dispatch("create_anew", "gymhouse")(relation, existing, query)) }}
{% endmacro %}

{% macro default__create_anew(relation, existing, query) %}
    {% if existing is not none and not existing.is_table %}{% do adapter.drop_relation(existing) %}{% endif %}
    {% call statement("create_anew") %}{{ create_table_as(False, relation, query) }}{% endcall %}
{% endmacro %}

{% macro duckdb__create_anew(relation, existing, query) %}
    {% if existing is not none %}{% do adapter.drop_relation(existing) %}{% endif %}
    {% call statement("create_anew") %}{{ create_table_as(False, relation, query) }}{% endcall %}
{% endmacro %}


{#
  Put the rows of a query in the place of the slices that they belong to, in one step for whoever reads.

  Delta knows a statement for it; DuckDB deletes and inserts, within the transaction.
#}
{% macro replace_slices(relation, query, slices) %}
    {{ return(adapter.dispatch("replace_slices", "gymhouse")(relation, query, slices)) }}
{% endmacro %}

{% macro default__replace_slices(relation, query, slices) %}
    {% call statement("replace_slices") %}
        insert into {{ relation }} replace where {{ slice_condition(model.config.meta.slice_by, slices) }}
        {{ rows_of_slices(relation, query, slices) }}
    {% endcall %}
{% endmacro %}

{% macro duckdb__replace_slices(relation, query, slices) %}
    {% call statement("delete_slices") %}
        delete from {{ relation }} where {{ slice_condition(model.config.meta.slice_by, slices) }}
    {% endcall %}
    {% do insert_slices(relation, query, slices) %}
{% endmacro %}

{% macro insert_slices(relation, query, slices) %}
    {% call statement("insert_slices") %}
        insert into {{ relation }}
        {{ rows_of_slices(relation, query, slices) }}
    {% endcall %}
{% endmacro %}

{# A query may read more than the slices, to see their neighbours; what is written is theirs alone. #}
{% macro rows_of_slices(relation, query, slices) %}
    select {{ adapter.get_columns_in_relation(relation) | map(attribute="quoted") | join(", ") }}
    from (
{{ query }}
    ) as rebuilt
    where {{ slice_condition(model.config.meta.slice_by, slices) }}
{% endmacro %}
