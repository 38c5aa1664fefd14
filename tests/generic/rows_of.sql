{#
  Fails when a view that only adds columns to another relation, whose key is proven, loses or repeats rows of it.

  For views too large to have their key grouped once more: counting reads next to nothing.
#}
{% test rows_of(model, to) %}

select
    own.row_count,
    theirs.row_count as row_count_there
from (select count(*) as row_count from {{ model }}) as own
cross join (select count(*) as row_count from {{ to }}) as theirs
where own.row_count <> theirs.row_count

{% endtest %}
