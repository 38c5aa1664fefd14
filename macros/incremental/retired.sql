{#
  The slices of a model that cannot be rebuilt as a whole any more, because retention took some of their raw files:
  (slice, frozen_at). They stay as they are; what landed for one at `frozen_at` or later is quarantined as
  `after_retention`.

  Written as a mark, because the state is there only when a model runs, not yet when its text is made.
#}
{% macro frozen_slices(name) -%}
    {{ "[[frozen:" ~ name ~ "]]" if asks_the_engine() and model.config.materialized == "sliced" else nothing_frozen() }}
{%- endmacro %}

{% macro nothing_frozen() -%}
    (select cast(null as string) as slice, cast(null as timestamp) as frozen_at where false)
{%- endmacro %}

{# A slice has consumed what landed until then, to the second; what landed later found it frozen, whenever that was. #}
{% macro frozen_in(state) -%}
    (
        select known.slice, {{ add_seconds("max(batches.landed_at)", 1) }} as frozen_at
        from {{ state }} as known
        inner join {{ ledger().relation_name }} as batches
            on known.input_slice = batches.batch and known.input = batches.source_name || '.' || batches.table_name
        where known.slice is not null
        group by known.slice
        having count(batches.retired_at) > 0
    )
{%- endmacro %}


{#
  Stop before a rebuild as a whole would lose rows: raw files that their retention took away cannot be read again.
  Without its notes a model does not know of which slices, so any retired batch of its inputs stops it.
#}
{% macro refuse_to_lose_retired(inputs, state, existing) %}
    {% set raw = inputs | selectattr("listed") | map(attribute="name") | list %}
    {% if existing is none or not raw or loses_retired() %}
        {{ return("") }}
    {% endif %}
    {% set lost = count_frozen(state) if has_state(state) else count_retired(raw) %}
    {% if lost %}
        {% do exceptions.raise_compiler_error(
            model.name ~ " would be rebuilt as a whole (--full-refresh, or its text or a variable has changed), but retention took raw rows of "
            ~ lost ~ (" of its slices" if has_state(state) else " batches that it read") ~ ": they would be lost. "
            ~ "Build without the change, or, if the loss is meant, rebuild everything: dbt build --full-refresh --vars '{lose_retired: true}'."
        ) %}
    {% endif %}
{% endmacro %}


{#
  A model sliced by batch tells of single rows, by `source_name`, `table_name` and `batch`. What it tells of batches that
  retention took stays when their slices, or all, are made anew: it is held before the table changes, and joined to the
  rows that the model's SQL still gives.
#}
{% macro hold_rows_of_retired(existing, inputs, state) %}
    {% set raw = inputs | selectattr("kind", "equalto", "raw") | map(attribute="name") | list %}
    {% if model.config.meta.slice_by != "batch" or existing is none or loses_retired() or not count_retired(raw) %}
        {{ return([]) }}
    {% endif %}
    {% do hold(held(state, "kept"),
        "select known.* from " ~ existing ~ " as known inner join " ~ ledger().relation_name ~ " as batches"
        ~ " on known.batch = batches.batch and known.source_name = batches.source_name and known.table_name = batches.table_name"
        ~ " where batches.retired_at is not null"
    ) %}
    {{ return(adapter.get_columns_in_relation(existing) | map(attribute="quoted") | list) }}
{% endmacro %}

{# The SQL of a model, and the rows that were held; `columns` are those of its table, none if nothing was held. #}
{% macro with_rows_of_retired(sql, state, columns) %}
    {% if not columns %}{{ return(sql) }}{% endif %}
    {{ return(
        "select " ~ columns | join(", ") ~ " from (" ~ sql ~ ") as readable union all select " ~ columns | join(", ")
        ~ " from " ~ held(state, "kept")
    ) }}
{% endmacro %}


{% macro count_frozen(state) %}
    {{ return(run_query("select count(*) from " ~ frozen_in(state) ~ " as frozen").columns[0].values()[0] | int) }}
{% endmacro %}

{# How many batches of these raw tables retention took. #}
{% macro count_retired(names) %}
    {{ return(run_query(
        "select count(*) from " ~ ledger().relation_name ~ " where retired_at is not null and "
        ~ text_condition("source_name || '.' || table_name", names)
    ).columns[0].values()[0] | int) }}
{% endmacro %}

{# Whether this is a rebuild that may lose rows; then nothing is frozen any more. #}
{% macro loses_retired() %}
    {{ return(should_full_refresh() and var("lose_retired", false)) }}
{% endmacro %}
