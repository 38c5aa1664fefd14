{#
  What a sliced model has consumed and holds, as a table of its own in the schema `slices`, which only the macros beside
  this one read: (input, input_slice, slice, version, row_count).

  input       ''       one row per slice that the model holds: its version is a fingerprint of its rows
              '*'      one row: the fingerprint of the model's text
              a name   one row per slice of that input, in the version that was consumed; of a raw table one row per
                       batch and slice that its rows belong to
#}
{% macro slice_state(name) %}
    {{ return(api.Relation.create(database=ledger().database, schema=slices_schema(), identifier=name, type="table")) }}
{% endmacro %}

{# The source table that names every batch that ever landed. #}
{% macro ledger() %}{{ return(graph.sources["source." ~ project_name ~ ".operations.batches"]) }}{% endmacro %}

{% macro slices_schema() %}{{ return(generate_schema_name("slices", none)) }}{% endmacro %}

{# Called when dbt starts. #}
{% macro prepare_slices() %}
    {% if asks_the_engine() %}
        {% do adapter.create_schema(api.Relation.create(database=ledger().database, schema=slices_schema())) %}
        {% do run_query(
            "create table if not exists " ~ slice_state("proven_slices")
            ~ " (relation string, slice string, version string, tests string)" ~ (" using delta" if target.type != "duckdb" else "")
        ) %}
    {% endif %}
{% endmacro %}

{% macro has_state(state) %}
    {{ return(adapter.get_relation(state.database, state.schema, state.identifier) is not none) }}
{% endmacro %}

{% macro text_of(state) %}
    {{ return(run_query("select version from " ~ known(state) ~ " where input = '*'").columns[0].values() | join) }}
{% endmacro %}


{# Record what was consumed and what the slices hold now. Small, so it is written anew as a whole, in one step. #}
{% macro write_state(relation, state, inputs, text, due) %}
    {% set slice = model.config.meta.slice_by %}
    {% set rebuilt = due.slices | map(attribute=0) | list %}
    {% call statement("write_state") %}
        create or replace table {{ state }} {{ "using delta" if target.type != "duckdb" }} as
        select
            '*' as input, '' as input_slice, cast(null as string) as slice, '{{ text }}' as version,
            cast(null as bigint) as row_count
        union all
        select '' as input, '' as input_slice, cast({{ slice }} as string) as slice, {{ rows_version("held_rows") }}, count(*)
        from {{ relation }} as held_rows
        {{ "where " ~ slice_condition(slice, rebuilt) if not due.whole }}
        group by {{ slice }}
        union all
        select now.input, now.input_slice, mapped.slice, now.version, coalesce(mapped.row_count, now.row_count)
        from {{ held(state, "now") }} as now
        {# What came for a frozen slice was not taken into it. #}
        left join (
            select * from {{ held(state, "mapped") }}
            {{ "where slice not in (select slice from " ~ frozen_in(state) ~ " as frozen)" if not due.whole }}
        ) as mapped
            on now.input = mapped.input and now.input_slice = mapped.input_slice {{ listed(inputs) }}
        {% if not due.whole %}
            left join (select distinct input, input_slice from {{ known(state) }} where {{ is_raw(inputs) }}) as known
                on now.input = known.input and now.input_slice = known.input_slice
            where known.input is null
            union all
            select input, input_slice, slice, version, row_count
            from {{ known(state) }}
            where {{ is_raw(inputs) }} or (input = '' and not {{ text_condition("slice", rebuilt) }})
        {% endif %}
    {% endcall %}
{% endmacro %}

{# Where a model is sliced by a key, a list of the keys in each batch would be as long as the raw table: it is left out. #}
{% macro listed(inputs) -%}
    {%- set unlisted = inputs | selectattr("kind", "equalto", "raw") | rejectattr("listed") | map(attribute="name") | list -%}
    {{ "and now.input not in ('" ~ unlisted | join("', '") ~ "')" if unlisted }}
{%- endmacro %}


{#
  A fingerprint of rows, whatever their order (text); `rows` is the alias of their table.

  Each engine hashes by a function of its own. Fingerprints never leave their warehouse.
#}
{% macro rows_version(rows) %}
    {{ return(adapter.dispatch("rows_version", "gymhouse")(rows)) }}
{% endmacro %}

{% macro default__rows_version(rows) -%}
    coalesce(cast(sum(cast(xxhash64({{ rows }}.*) as decimal(38, 0))) as string), '0')
{%- endmacro %}

{% macro duckdb__rows_version(rows) -%}
    coalesce(cast(sum(hash({{ rows }})) as string), '0')
{%- endmacro %}


{#
  The rows of a query under a name, while one model is built.

  Spark keeps them in memory: a view alone would be planned and computed anew by each of the queries that read it. Warehouses of
  Databricks cannot, so there it stays a view; nothing that it reads changes meanwhile.
#}
{% macro hold(name, query) %}
    {{ return(adapter.dispatch("hold", "gymhouse")(name, query)) }}
{% endmacro %}

{% macro default__hold(name, query) %}
    {% do run_query("create or replace temporary view " ~ name ~ " as " ~ query) %}
{% endmacro %}

{% macro spark__hold(name, query) %}
    {% do let_go(name) %}
    {% do run_query("cache table " ~ name ~ " as " ~ query) %}
{% endmacro %}

{% macro databricks__hold(name, query) %}
    {% do gymhouse.default__hold(name, query) %}
{% endmacro %}

{% macro duckdb__hold(name, query) %}
    {% do run_query("create or replace temporary table " ~ name ~ " as " ~ query) %}
{% endmacro %}

{# What was known of a model before this build, for its many readers. DuckDB reads a table as fast as a copy of it. #}
{% macro hold_known(state) %}
    {% if target.type == "spark" %}{% do hold(held(state, "known"), "select * from " ~ state) %}{% endif %}
{% endmacro %}

{% macro known(state) %}{{ return(held(state, "known") if target.type == "spark" else state) }}{% endmacro %}

{% macro held(state, what) %}{{ return(state.identifier ~ "__" ~ what) }}{% endmacro %}

{% macro let_go(names) %}
    {% for name in varargs + (names,) %}
        {% do run_query("drop " ~ ("table" if target.type == "duckdb" else "view") ~ " if exists " ~ name) %}
    {% endfor %}
{% endmacro %}
