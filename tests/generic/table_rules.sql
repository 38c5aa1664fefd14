{#
  Fails for each key that more than one row has, for each row that lacks a part of its key, and for each row that breaks
  what a column says of its values. A failing row is told by its key, and by what is wrong with it in `broken_rules`.

  The key is the one that the table's `config.meta.key` names: stated once, read by the release and the gate too. What a
  column says of its values stands in its own `config.meta`:

      required: true     never empty
      lowest, highest    nothing below, nothing above; both ends are allowed
      values: [a, b]     nothing else

  An empty value breaks `required` only. A personal value is not repeated. It is one test a table, however many rules:
  dbt takes longer to begin a test than an engine takes to run it.

  `numbered_by`, for tables too large to group by their key: the part of it that counts up, a whole number or a time in
  whole seconds. Numbers are then bits of one word, sixty or so to a row of the grouping. It finds the same, but names the
  first of a group of numbers in place of the number, and takes two times within one second for the same.
#}
{% test table_rules(model, numbered_by=none, is_time=false) %}

{% set key = ["unknown"] %}
{% set broken = [] %}
{% if execute %}
    {% set key = tested_node().config.meta.key %}
    {% if not key %}
        {{ exceptions.raise_compiler_error(model ~ " names no key: give it config: {meta: {key: [column, …]}}.") }}
    {% endif %}
    {% set broken = broken_column_rules(tested_node()) %}
{% endif %}
{% set grouped = key | reject("equalto", numbered_by) | list %}
{% if numbered_by %}
    {% set number = seconds_between("cast('1970-01-01' as timestamp)", numbered_by) if is_time else numbered_by %}
    {% set place = seconds_into(60, number) %}
    {% do grouped.append(number ~ " - " ~ place) %}
    {% set repeats = "count(*) <> " ~ bits_set(place) %}
{% else %}
    {% set repeats = "count(*) > 1" %}
{% endif %}

select
    {% for column in key %}{{ "lowest_number as " if column == numbered_by }}{{ column }}, {% endfor %}
    'the key is not whole, or more than one row has it' as broken_rules
from (
    select {{ (grouped[:-1] + ["min(" ~ numbered_by ~ ") as lowest_number"] if numbered_by else key) | join(', ') }}
    from {{ model }}
    group by {{ grouped | join(', ') }}
    having
        {{ repeats }}{% for column in key %} or count(*) <> count({{ column }}){% endfor %}
) as bad_keys
{% if broken %}
union all
select
    {{ key | join(', ') }},
    concat_ws(
        ', '{% for condition, sentence in broken %},
        case when {{ condition }} then {{ sentence }} end{% endfor %}
    ) as broken_rules
from {{ model }}
where
    false{% for condition, sentence in broken %}
    or {{ condition }}{% endfor %}
{% endif %}

{% endtest %}
