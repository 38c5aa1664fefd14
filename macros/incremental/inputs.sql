{#
  What a sliced model reads, and how a change there reaches its slices: a list of dictionaries.

  name        the input's name; that of a raw table is `<source>.<table>`
  kind        raw     files that landed; what is consumed is a batch
              sliced  another sliced model; what is consumed is a slice of it
              keyed   a table rebuilt as a whole; what is consumed is all rows of one value of `key`
              whole   a table or seed rebuilt as a whole: any change in it rebuilds this model
  relation    what holds its rows; for a raw table the view through which the model reads it
  column      by which column its rows are narrowed to the touched slices; none: they are not
  days        [before, after]: a slice reads the input from so many days before it to so many after it
  through, where, slice   for what touches slices by way of another table: rows of `through` with a changed `where`
              name the touched `slice`s; `through: this` is the model itself
  batches     of a table sliced by batch: it touches what those batches touched
  bronze      of a raw table: the view that reads it directly
  epoch       of a raw table: its column of epoch seconds that the slices are days of. Engines skip by statistics of raw
              columns only, never by those of a date computed from them; and days are counted by it in bronze, without
              what views in between look up for each row
  listed      of a raw table: whether the state lists which slices each batch has rows of

  Without an entry in the model's `reads` an input that has the same `slice_by` is read slice by slice, any other table
  as a whole. Views are looked through. `reads: {name: unwatched}` says that changes there never matter.
#}
{% macro slice_inputs() %}
    {% set inputs = {} %}
    {% for id in model.depends_on.nodes %}
        {% do collect_inputs(inputs, id, id, id) %}
    {% endfor %}
    {% for name in model.config.meta.get("reads", {}) if name not in inputs and model.config.meta.reads[name] != "unwatched" %}
        {% do exceptions.raise_compiler_error(
            model.name ~ " tells how it reads '" ~ name ~ "', but it does not read it. It reads: " ~ inputs | join(", ") ~ "."
        ) %}
    {% endfor %}
    {{ return(inputs.values() | list) }}
{% endmacro %}

{% macro collect_inputs(inputs, id, seen_as, read_by) %}
    {% set node = graph.sources.get(id) or graph.nodes[id] %}
    {% set name = node.source_name ~ "." ~ node.name if node.resource_type == "source" else node.name %}
    {% set told = model.config.meta.get("reads", {}).get(name, {}) %}
    {% if told == "unwatched" or name in inputs %}
        {{ return("") }}
    {% elif node.resource_type == "source" %}
        {% set seen = graph.nodes.get(seen_as, node) %}
        {% do inputs.update({name: {
            "kind": "raw", "relation": seen.relation_name, "column": model.config.meta.slice_by, "days": [0, 0],
            "bronze": graph.nodes.get(read_by, node).relation_name,
            "source": node.source_name, "table": node.name, "seen_as": seen.name, "listed": model.config.meta.slice_by != "batch",
        }}) %}
    {% elif node.config.materialized in ("view", "ephemeral") %}
        {% for upstream in node.depends_on.nodes %}
            {% do collect_inputs(inputs, upstream, seen_as, id) %}
        {% endfor %}
        {{ return("") }}
    {% elif node.config.materialized == "sliced" %}
        {% if not told and node.config.meta.slice_by != model.config.meta.slice_by %}
            {% do exceptions.raise_compiler_error(
                model.name ~ " is sliced by " ~ model.config.meta.slice_by ~ " and reads " ~ name ~ ", which is sliced by "
                ~ node.config.meta.slice_by ~ ". Say in its `reads` how one reaches the other; docs/incremental.md shows how."
            ) %}
        {% endif %}
        {% do inputs.update({name: {
            "kind": "sliced", "relation": node.relation_name, "column": node.config.meta.slice_by, "days": [0, 0],
            "seen_as": graph.nodes.get(seen_as).name,
        }}) %}
    {% else %}
        {% do inputs.update({name: {
            "kind": "keyed" if told else "whole", "relation": node.relation_name, "days": [0, 0], "seen_as": name,
            "column": told.key if told and not told.through else none,
        }}) %}
    {% endif %}
    {% do inputs[name].update(told) %}
    {% do inputs[name].update({"name": name}) %}
    {% if inputs[name].through %}
        {% do inputs[name].update({"through": this if told.through == "this" else ref_of(told.through)}) %}
    {% endif %}
{% endmacro %}

{# The relation of a model that this one depends on. #}
{% macro ref_of(name) %}
    {% for id in model.depends_on.nodes if graph.nodes.get(id, {}).name == name %}
        {{ return(graph.nodes[id].relation_name) }}
    {% endfor %}
    {% do exceptions.raise_compiler_error(
        model.name ~ " is touched through '" ~ name ~ "', which it does not read. Add a line `-- depends_on: {{ ref('"
        ~ name ~ "') }}`, so that dbt builds it first."
    ) %}
{% endmacro %}


{#
  A fingerprint of everything that decides which rows a model gives for the same input: its SQL as rendered, with the
  views that it reads through. A model whose text changed is rebuilt whole.
#}
{% macro model_text(inputs) %}
    {% set texts = [sql, model.config.meta.slice_by, model.config.meta.get("reads", {}) | tojson] %}
    {% do collect_view_texts(model.depends_on.nodes, texts) %}
    {{ return(local_md5(texts | join("\n"))) }}
{% endmacro %}

{% macro collect_view_texts(ids, texts) %}
    {% for id in ids if graph.nodes.get(id, {}).config and graph.nodes[id].config.materialized == "view" %}
        {% do texts.append(adapter.dispatch("view_text", "gymhouse")(graph.nodes[id])) %}
        {% do collect_view_texts(graph.nodes[id].depends_on.nodes, texts) %}
    {% endfor %}
{% endmacro %}

{# Spark tells with it when the view was made, which each build does anew. #}
{% macro default__view_text(view) %}
    {% set text = run_query("show create table " ~ view.relation_name).columns[0].values()[0] %}
    {{ return(modules.re.sub("'transient_lastDdlTime' = '\\d+'", "", text)) }}
{% endmacro %}

{% macro duckdb__view_text(view) %}
    {% set found = run_query(
        "select sql from duckdb_views() where schema_name = '" ~ view.schema ~ "' and view_name = '" ~ view.alias ~ "'"
    ) %}
    {{ return(found.columns[0].values() | join) }}
{% endmacro %}
