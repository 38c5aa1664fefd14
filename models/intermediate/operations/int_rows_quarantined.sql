-- Rows that broke a rule, by the batch that brought them. What brought a missing device or member heals them.
{{ config(
    materialized='sliced',
    slice_by='batch',
    reads={
        'int_devices_owned': {'key': 'device_id', 'through': 'this', 'where': 'missing_id'},
        'int_members_known': {'key': 'member_id', 'through': 'this', 'where': 'missing_id'},
    },
) }}

{%- set entities = quarantined_entities() %}

{%- for entity in entities %}
{{ 'with' if loop.first }} {{ entity.name }} as (

    select
        '{{ entity.name }}' as entity,
        '{{ entity.source }}' as source_name,
        '{{ entity.table }}' as table_name,
        quarantine_rule,
        {%- if entity.orphan_rule %}
        case when quarantine_rule = '{{ entity.orphan_rule }}' then {{ entity.orphan_of }} end as missing_id,
        {% else %}
        cast(null as bigint) as missing_id,
        {% endif %}
        batch,
        batch_row
    from {{ touched(entity.judged) }}
    where quarantine_rule is not null

){{ "," if not loop.last }}
{% endfor %}

{% for entity in entities %}
select * from {{ entity.name }}
{{ "union all" if not loop.last }}
{% endfor %}
