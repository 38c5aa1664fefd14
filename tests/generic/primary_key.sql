{#
  Fails for each key that more than one row has, and for each row that lacks a part of its key.

  The key is the one that the table's `config.meta.key` names: stated once, read by the release and the gate too.

  `numbered_by`, for tables too large to group by their key: the part of it that counts up, a whole number or a time in
  whole seconds. Numbers are then bits of one word, sixty or so to a row of the grouping. It finds the same, but names the
  group of numbers in place of the number, and takes two times within one second for the same.
#}
{% test primary_key(model, numbered_by=none, is_time=false) %}

{% set key = ["unknown"] %}
{% if execute %}
    {% set key = tested_node().config.meta.key %}
    {% if not key %}
        {{ exceptions.raise_compiler_error(model ~ " names no key: give it config: {meta: {key: [column, …]}}.") }}
    {% endif %}
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
    {{ grouped | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ grouped | join(', ') }}
having
    {{ repeats }}{% for column in key %} or count(*) <> count({{ column }}){% endfor %}

{% endtest %}
