{#
  Tests read only slices that have not passed them yet, of tables that say `meta: {test_new_slices: true}`: a day's tests
  then cost a day, too. Say it where no two slices can hold the same key: the key holds the slice, or decides it.

  What has passed is written down when dbt ends, slice by slice in the version that was tested, and only when every test
  of the table ran and passed. A failure, a crash or a run without tests proves nothing, and the next run tests again.
  `--full-refresh` and `--vars '{test_everything: true}'` test everything. Whether a parent is there is always asked for
  all rows: it is the parent that may have gone.
#}
{% macro default__get_where_subquery(relation) %}
    {% set conditions = [config.get("where", ""), unproven_condition() if execute else ""] | select | list %}
    {% if not conditions %}{{ return(relation) }}{% endif %}
    {{ return("(select * from " ~ relation ~ " where " ~ conditions | join(" and ") ~ ") as tested_rows") }}
{% endmacro %}

{% macro unproven_condition() %}
    {% set node = tested_node() %}
    {% if not asks_the_engine() or flags.FULL_REFRESH or var("test_everything", false) or not node %}{{ return("") }}{% endif %}
    {% if not node.config.meta.test_new_slices or model.test_metadata.name == "relationships" %}{{ return("") }}{% endif %}
    {% set unproven = run_query(
        "with tested as (" ~ tested_slices(node) ~ ") select slice, (select count(*) from tested) as tested_count "
        ~ "from (select * from tested except select relation, slice, version, tests from " ~ slice_state("proven_slices")
        ~ ") as unproven order by slice"
    ).columns %}
    {% set slices = unproven[0].values() %}
    {# A list of all slices, or of very many, costs more than it saves. #}
    {% set is_needless = slices and slices | length == unproven[1].values()[0] or slices | length > 2000 %}
    {{ return("" if is_needless else slice_condition(node.config.meta.slice_by or "batch", slices)) }}
{% endmacro %}


{#
  A table's slices with the tests that they would pass: (relation, slice, version, tests). Those of a view are batches.
  Tests read what the table and its columns say of themselves, so a slice that passed an older rule is tested again.
#}
{% macro tested_slices(node) %}
    {% set tests = [node.config.meta | tojson] %}
    {% for column in node.columns.values() %}{% do tests.append(column.name ~ column.config.meta | tojson) %}{% endfor %}
    {% for test in tests_of(node) %}{% do tests.append(test.unique_id ~ test.test_metadata | tojson) %}{% endfor %}
    {% set told = "'" ~ node.name ~ "' as relation, " ~ ("slice" if node.config.meta.slice_by else "batch as slice") ~ ", "
        ~ ("version" if node.config.meta.slice_by else "batch as version") ~ ", '" ~ local_md5(tests | sort | join) ~ "' as tests" %}
    {% if node.config.meta.slice_by %}
        select {{ told }} from {{ slice_state(node.name) }} where input = ''
    {% else %}
        {% set source = source_of(node) %}
        select {{ told }} from {{ ledger().relation_name }}
        where source_name = '{{ source.source_name }}' and table_name = '{{ source.name }}'
    {% endif %}
{% endmacro %}

{% macro tests_of(node) %}
    {{ return(graph.nodes.values() | selectattr("resource_type", "equalto", "test") | selectattr("attached_node", "equalto", node.unique_id) | list) }}
{% endmacro %}

{# The raw table that a view reads, through other views. #}
{% macro source_of(node) %}
    {% for id in node.depends_on.nodes %}
        {% if id in graph.sources %}{{ return(graph.sources[id]) }}{% endif %}
        {% if graph.nodes[id].config.materialized == "view" %}{{ return(source_of(graph.nodes[id])) }}{% endif %}
    {% endfor %}
{% endmacro %}


{# Called when dbt ends. #}
{% macro remember_what_passed(results) %}
    {% if asks_the_engine() %}
        {% set passed = [] %}
        {% for result in results if result.status == "pass" %}{% do passed.append(result.node.unique_id) %}{% endfor %}
        {% set proven = [] %}
        {% for node in graph.nodes.values() if node.resource_type == "model" and node.config.meta.test_new_slices %}
            {% set tests = tests_of(node) | map(attribute="unique_id") | list %}
            {% if tests and tests | reject("in", passed) | list | length == 0 %}{% do proven.append(node) %}{% endif %}
        {% endfor %}
        {% if proven %}
            {% set queries = [] %}
            {% for node in proven %}{% do queries.append(tested_slices(node)) %}{% endfor %}
            {% do run_query(
                "create or replace table " ~ slice_state("proven_slices") ~ (" using delta" if target.type != "duckdb" else "") ~ " as "
                ~ queries | join(" union all ") ~ " union all select relation, slice, version, tests from "
                ~ slice_state("proven_slices") ~ " where not " ~ text_condition("relation", proven | map(attribute="name") | list)
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
