{#
  Fails for each interval that runs backwards or begins before the one before it has ended.

  Intervals are half open: `from` counts, `to` does not; an empty `to` means still going on. Touching is fine.
#}
{% test intervals_apart(model, partition_by, from_column, to_column) %}

with ordered as (

    select
        *,
        lag({{ to_column }}) over (
            partition by {{ partition_by }} order by {{ from_column }}, coalesce({{ to_column }}, cast('9999-12-31' as timestamp))
        ) as previous_to,
        row_number() over (
            partition by {{ partition_by }} order by {{ from_column }}, coalesce({{ to_column }}, cast('9999-12-31' as timestamp))
        ) as interval_number
    from {{ model }}

)

select *
from ordered
where
    {{ to_column }} < {{ from_column }}
    or (interval_number > 1 and (previous_to is null or previous_to > {{ from_column }}))

{% endtest %}
