{#
  The slices of a model that cannot be rebuilt as a whole any more, because retention took some of their raw files:
  (slice, frozen_at). They stay as they are; what lands for one after `frozen_at` is quarantined as `after_retention`.

  Written as a mark, because the state is there only when a model runs, not yet when its text is made.
#}
{% macro frozen_slices(name) -%}
    {{ "[[frozen:" ~ name ~ "]]" if asks_the_engine() and model.config.materialized == "sliced" else nothing_frozen() }}
{%- endmacro %}

{% macro nothing_frozen() -%}
    (select cast(null as string) as slice, cast(null as timestamp) as frozen_at where false)
{%- endmacro %}

{% macro frozen_in(state) -%}
    (
        select known.slice, min(batches.retired_at) as frozen_at
        from {{ state }} as known
        inner join {{ ledger().relation_name }} as batches
            on known.input_slice = batches.batch and known.input = batches.source_name || '.' || batches.table_name
        where batches.retired_at is not null and known.slice is not null
        group by known.slice
    )
{%- endmacro %}


{#
  Stop before a rebuild as a whole would lose rows: raw files that their retention took away cannot be read again.
  `--vars '{lose_retired: true}'` says that this is meant.
#}
{% macro refuse_to_lose_retired(inputs, state, existing) %}
    {% if existing is none or var("lose_retired", false) or not has_state(state) %}
        {{ return("") }}
    {% endif %}
    {% set lost = run_query(
        "select count(*) from " ~ frozen_in(state) ~ " as frozen"
    ).columns[0].values()[0] | int %}
    {% if lost %}
        {% do exceptions.raise_compiler_error(
            model.name ~ " would be rebuilt as a whole (--full-refresh, or its text has changed), but retention took raw rows of "
            ~ lost ~ " of its slices: they would be lost. If that is meant, say so: --vars '{lose_retired: true}'."
        ) %}
    {% endif %}
{% endmacro %}
