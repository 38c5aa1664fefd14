with unmapped as (

    {% for entity in unmapped_entities() %}
    select
        '{{ entity.source }}' as source_name,
        '{{ entity.table }}' as table_name,
        '{{ entity.column }}' as column_name,
        coalesce(cast({{ entity.value }} as string), '') as raw_value,
        {{ entity.seen_by }} as seen_date
    from {{ ref(entity.silver) }}
    where {{ entity.unmapped }} and {{ until_as_of(entity.seen_by) }}
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    {{ surrogate_key(['source_name', 'table_name', 'column_name', 'raw_value']) }} as unmapped_value_key,
    source_name,
    table_name,
    column_name,
    raw_value,
    count(*) as row_count,
    min(seen_date) as first_seen_date,
    max(seen_date) as last_seen_date
from unmapped
group by source_name, table_name, column_name, raw_value
