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
  Without its notes a model does not know of which slices, so any retired batch of its inputs stops it. So it is with one
  that remembers what it told before: silver would be refused after it, and the two would tell of different builds.
#}
{% macro refuse_to_lose_retired(inputs, state, existing) %}
    {% set remembers = "[[before]]" in sql %}
    {% set raw = inputs | selectattr(*(["kind", "equalto", "raw"] if remembers else ["listed"])) | map(attribute="name") | list %}
    {% if existing is none or not raw or loses_retired() %}
        {{ return("") }}
    {% endif %}
    {% set knows = has_state(state) and not remembers %}
    {% set lost = count_frozen(state) if knows else count_retired(raw) %}
    {% if lost %}
        {% do exceptions.raise_compiler_error(
            model.name ~ " would be rebuilt as a whole (--full-refresh, or its text or a variable has changed), but retention took raw rows of "
            ~ lost ~ (" of its slices" if knows else " batches that it read") ~ ": they would be lost. "
            ~ "Build without the change, or, if the loss is meant, rebuild everything: dbt build --full-refresh --vars '{lose_retired: true}'."
        ) %}
    {% endif %}
{% endmacro %}


{#
  The rows that a sliced model held until now, of the slices that are made anew: (entity, …, batch, batch_row), or none.
  Only once retention took something of what it reads, and never in a rebuild that may lose rows. A mark, as above; the
  rows are held before the table changes.
#}
{% macro rows_before() -%}
    {{ "[[before]]" if asks_the_engine() and model.config.materialized == "sliced" else nothing_before() }}
{%- endmacro %}

{% macro nothing_before() -%}
    (
        select
            cast(null as string) as entity, cast(null as string) as source_name, cast(null as string) as table_name,
            cast(null as string) as quarantine_rule, cast(null as bigint) as missing_id, cast(null as string) as batch,
            cast(null as bigint) as batch_row
        where false
    )
{%- endmacro %}

{% macro hold_rows_before(existing, inputs, state, due) %}
    {% set raw = inputs | selectattr("kind", "equalto", "raw") | map(attribute="name") | list %}
    {% set is_asked = "[[before]]" in sql and due.changed and existing is not none and existing.is_table %}
    {% if is_asked and not loses_retired() and count_retired(raw) %}
        {% do hold(held(state, "before"), "select * from " ~ existing ~ (
            " where " ~ slice_condition(model.config.meta.slice_by, due.slices | map(attribute=0) | list) if not due.whole
        )) %}
        {{ return(held(state, "before")) }}
    {% endif %}
    {{ return(nothing_before()) }}
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
