{#
  Stop before a rebuild as a whole would lose rows: raw files that their retention took away cannot be read again.
  `--vars '{lose_retired: true}'` says that this is meant.
#}
{% macro refuse_to_lose_retired(inputs, state, existing) %}
    {% if "retired_at" not in ledger().columns or existing is none or var("lose_retired", false) or not has_state(state) %}
        {{ return("") }}
    {% endif %}
    {% set lost = run_query(
        "select count(distinct known.input_slice) from " ~ state ~ " as known inner join " ~ ledger().relation_name
        ~ " as batches on known.input_slice = batches.batch where batches.retired_at is not null and known.slice is not null"
    ).columns[0].values()[0] | int %}
    {% if lost %}
        {% do exceptions.raise_compiler_error(
            model.name ~ " would be rebuilt as a whole (--full-refresh, or its text has changed), but " ~ lost ~ " of the batches"
            ~ " that it was built from have been retired: their rows would be lost. Bring the drops back, or say that it is"
            ~ " meant: --vars '{lose_retired: true}'."
        ) %}
    {% endif %}
{% endmacro %}
