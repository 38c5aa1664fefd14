{#
  What is to be rebuilt: {whole, changed, slices: [(slice, rows of input)]}.

  What the inputs hold now is compared with what this model consumed of them. Nothing else is asked: not when anything
  ran, nor what other models have done.
#}
{% macro slices_due(inputs, state, text, keeps) %}
    {% if keeps %}{% do hold_known(state) %}{% endif %}
    {% set due = {"whole": not keeps or text_of(state) != text, "changed": true, "slices": []} %}
    {% do hold(held(state, "now"), versions_now(inputs)) %}
    {% set batches = {} %}
    {% if not due.whole %}
        {% do hold(held(state, "changed"), changed_slices(inputs, state)) %}
        {% set changes = run_query(changed_inputs(inputs, state)).rows %}
        {% for input in inputs if input.name in changes | map(attribute=0) %}
            {% if input.kind == "whole" %}{% do due.update({"whole": true}) %}{% endif %}
        {% endfor %}
        {% do due.update({"changed": changes | length > 0}) %}
        {% for name, batch in changes if batch is not none %}
            {% do batches.setdefault(name, []).append(batch) %}
        {% endfor %}
    {% endif %}
    {% if due.changed %}
        {% do hold(held(state, "mapped"), slices_of_batches(inputs, none if due.whole else batches)) %}
        {% if not due.whole or model.config.meta.chunk_rows %}
            {% for slice, rows in run_query(touched_slices(inputs, state, due.whole)).rows %}
                {% do due.slices.append((slice, rows | int)) %}
            {% endfor %}
        {% endif %}
        {# Beyond it a list of slices costs an engine more than reading everything, if all can still be read. #}
        {% set reads_all = "[[before]]" not in sql and not due.whole and due.slices | length > 10000 and not count_frozen(state) %}
        {% if reads_all %}{% do due.update({"whole": true}) %}{% endif %}
    {% endif %}
    {{ return(due) }}
{% endmacro %}


{# Every input's slices with their versions as they are now: (input, input_slice, version, row_count). #}
{% macro versions_now(inputs) %}
    {% for input in inputs %}
        {% if input.kind == "raw" %}
            select '{{ input.name }}' as input, batch as input_slice, batch as version, cast(null as bigint) as row_count
            from {{ ledger().relation_name }}
            where source_name = '{{ input.source }}' and table_name = '{{ input.table }}'
        {% elif input.kind == "sliced" %}
            select '{{ input.name }}' as input, slice as input_slice, version, row_count
            from {{ slice_state(input.name) }}
            where input = ''
        {% else %}
            select
                '{{ input.name }}' as input,
                {{ "cast(" ~ input.key ~ " as string)" if input.kind == "keyed" else "''" }} as input_slice,
                {{ rows_version("held_rows") }} as version,
                cast(null as bigint) as row_count
            from {{ input.relation }} as held_rows
            {{ "group by " ~ input.key if input.kind == "keyed" }}
        {% endif %}
        {{ "union all" if not loop.last }}
    {% endfor %}
{% endmacro %}


{#
  The inputs that changed since they were consumed: (input, batch), the batch for raw inputs only. Batches that have
  gone are no change: their rows were consumed, and stay.
#}
{% macro changed_inputs(inputs, state) %}
    select distinct input, case when {{ is_raw(inputs) }} then input_slice end as batch
    from {{ held(state, "changed") }}
    order by 1, 2
{% endmacro %}

{% macro changed_slices(inputs, state) %}
    select input, input_slice
    from (
        select input, input_slice, version from {{ held(state, "now") }}
        except
        select input, input_slice, version from {{ known(state) }}
    ) as new
    union
    select input, input_slice
    from (
        select input, input_slice, version from {{ known(state) }} where input not in ('', '*') and not {{ is_raw(inputs) }}
        except
        select input, input_slice, version from {{ held(state, "now") }}
    ) as gone
{% endmacro %}

{% macro is_raw(inputs) -%}
    {%- set names = inputs | selectattr("kind", "equalto", "raw") | map(attribute="name") | list -%}
    {{ "input in ('" ~ names | join("', '") ~ "')" if names else "false" }}
{%- endmacro %}


{#
  To which slices the rows of batches belong: (input, input_slice, slice, row_count). `batches` is {input: [batch]};
  none means all there are.
#}
{% macro slices_of_batches(inputs, batches) %}
    {% for input in inputs if input.kind == "raw" and input.column != "batch" and (batches is none or batches.get(input.name)) %}
        {% set which = slice_condition("batch", batches[input.name]) if batches is not none
            else ("true" if input.listed or model.config.meta.chunk_rows else "false") %}
        select '{{ input.name }}' as input, batch as input_slice, cast({{ input.column }} as string) as slice, row_count
        from ({{ rows_of_each_day(input, which) if input.epoch else rows_of_each_slice(input, which) }}) as counted
        where {{ input.column }} is not null
        union all
    {% endfor %}
    select
        cast(null as string) as input, cast(null as string) as input_slice, cast(null as string) as slice,
        cast(null as bigint) as row_count
    where false
{% endmacro %}

{# Rows of raw batches by slice: (batch, <slice>, row_count). #}
{% macro rows_of_each_slice(input, condition) %}
    select batch, {{ input.column }}, count(*) as row_count
    from {{ input.relation }}
    where {{ condition }}
    group by batch, {{ input.column }}
{% endmacro %}

{# The same where slices are days of an epoch column. #}
{% macro rows_of_each_day(input, condition) %}
    {%- set day = input.epoch ~ " - " ~ seconds_into(86400, input.epoch) -%}
    select batch, cast({{ epoch_to_timestamp("midnight") }} as date) as {{ input.column }}, row_count
    from (
        select batch, {{ day }} as midnight, count(*) as row_count
        from {{ input.bronze }}
        where {{ condition }} and {{ epoch_to_timestamp(input.epoch) }} is not null
        group by batch, {{ day }}
    ) as of_days
{% endmacro %}


{# Which slices of this model the changes touch, with the rows of input that they bring along: (slice, row_count). #}
{% macro touched_slices(inputs, state, everything) %}
    with changed as (
        select input, input_slice from {{ held(state, "now" if everything else "changed") }}
    ),
    touched as (
        {% for input in inputs if input.kind != "whole" %}
            {{ touched_by(input, state, everything) }}
            {{ "union all" if not loop.last }}
        {% endfor %}
    )
    select slice, cast(coalesce(sum(row_count), 0) as bigint) as row_count
    from touched
    where
        slice is not null
        {% if not everything and inputs | selectattr("listed") | list %}
            and slice not in (select slice from {{ frozen_in(state) }} as frozen)
        {% endif %}
    group by slice
    order by slice
{% endmacro %}

{% macro touched_by(input, state, everything) %}
    {% if input.kind == "raw" and input.column == "batch" %}
        select input_slice as slice, cast(0 as bigint) as row_count from changed where input = '{{ input.name }}'
    {% elif input.kind == "raw" %}
        select slice, row_count from {{ held(state, "mapped") }} where input = '{{ input.name }}'
    {% elif everything and (input.batches or input.through) %}
        select cast(null as string) as slice, cast(0 as bigint) as row_count
    {% elif input.batches %}
        select known.slice, cast(0 as bigint) as row_count
        from {{ known(state) }} as known
        inner join changed on known.input_slice = changed.input_slice
        where changed.input = '{{ input.name }}'
    {% elif input.through %}
        {{ with_neighbours(
            "select distinct cast(through." ~ (input.slice or model.config.meta.slice_by) ~ " as string) as slice, "
            ~ "cast(0 as bigint) as row_count from " ~ input.through ~ " as through inner join changed on cast(through."
            ~ (input.where or input.key) ~ " as string) = changed.input_slice where changed.input = '" ~ input.name ~ "'",
            input.days
        ) }}
    {% else %}
        {{ with_neighbours(
            "select changed.input_slice as slice, now.row_count from changed inner join " ~ held(state, "now")
            ~ " as now on changed.input = now.input and changed.input_slice = now.input_slice where changed.input = '"
            ~ input.name ~ "' union all select input_slice, cast(0 as bigint) from changed where input = '" ~ input.name ~ "'",
            input.days
        ) }}
    {% endif %}
{% endmacro %}

{# A day that slices read from `before` days before them to `after` days after them, as those slices. #}
{% macro with_neighbours(slices, days) %}
    {% if days == [0, 0] %}
        {{ slices }}
    {% else %}
        select
            cast({{ add_days("cast(changed_days.slice as date)", "reach.days") }} as string) as slice,
            changed_days.row_count
        from ({{ slices }}) as changed_days
        cross join (
            {% for day in range(-days[1], days[0] + 1) %}
                select {{ day }} as days {{ "union all" if not loop.last }}
            {% endfor %}
        ) as reach
    {% endif %}
{% endmacro %}
