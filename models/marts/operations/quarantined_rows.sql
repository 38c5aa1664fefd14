{%- set entities = quarantined_entities() -%}

{%- for entity in entities %}
{{ 'with' if loop.first }} {{ entity.name }} as (

    select
        '{{ entity.name }}' as entity,
        '{{ entity.source }}' as source_name,
        '{{ entity.table }}' as table_name,
        quarantine_rule,
        batch,
        batch_row
    from {{ ref(entity.judged) }}
    where quarantine_rule is not null

){{ "," }}
{% endfor %}
quarantined as (

    {% for entity in entities %}
    select * from {{ entity.name }}
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    {{ surrogate_key(['entity', 'batch', 'batch_row']) }} as quarantined_row_key,
    entity,
    source_name,
    table_name,
    quarantine_rule,
    batch,
    batch_row
from quarantined
