-- Rows that broke a rule, by the batch that brought them. What brings a missing device or member heals them.
{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'batch',
        'reads': {
            'operations.batches': 'unwatched',
            'int_devices_owned': {'key': 'device_id', 'through': 'this', 'where': 'missing_id'},
            'int_members_known': {'key': 'member_id', 'through': 'this', 'where': 'missing_id'},
        },
    },
) }}

{%- set entities = quarantined_entities() %}

with batches as (

    select * from {{ ref('stg_operations__batches') }}

),

known as (

    select * from {{ rows_before() }} as before

),

-- What was told of batches that retention took since stays: nothing can be judged anew of them.
retired as (

    select known.*
    from known
    inner join batches
        on
            known.batch = batches.batch
            and known.source_name = batches.source_name
            and known.table_name = batches.table_name
    where batches.retired_at is not null

),

{%- for entity in entities %}

{{ entity.name }} as (

    select
        '{{ entity.name }}' as entity,
        '{{ entity.source }}' as source_name,
        '{{ entity.table }}' as table_name,
        quarantine_rule,
        {{ "case when quarantine_rule = '" ~ entity.orphan_rule ~ "' then " ~ entity.orphan_of ~ " end"
        if entity.orphan_rule else "cast(null as bigint)" }} as missing_id,
        batch,
        batch_row
    from {{ touched(entity.judged) }}
    where quarantine_rule is not null

),
{%- endfor %}

-- A day that lost raw rows to retention cannot be built again, so what comes for it afterwards has no place, nor has
-- what lacked something when it was built.
{%- for entity in entities if entity.retired_by %}

{{ entity.name }}_too_late as (

    select
        '{{ entity.name }}' as entity,
        '{{ entity.source }}' as source_name,
        '{{ entity.table }}' as table_name,
        'after_retention' as quarantine_rule,
        cast(null as bigint) as missing_id,
        landed.batch,
        landed.batch_row
    from {{ touched(entity.judged) }} as landed
    inner join {{ frozen_slices(entity.silver) }} as frozen
        on cast(landed.{{ entity.retired_by }} as string) = frozen.slice
    inner join batches
        on
            landed.batch = batches.batch
            and batches.source_name = '{{ entity.source }}'
            and batches.table_name = '{{ entity.table }}'
    left join known
        on
            landed.batch = known.batch
            and landed.batch_row = known.batch_row
            and known.entity = '{{ entity.name }}'
    where
        landed.quarantine_rule is null
        and (frozen.frozen_at <= batches.landed_at or known.batch is not null)

),
{%- endfor %}

quarantined as (

    {% for entity in entities %}
    select * from {{ entity.name }}
    union all
    {% if entity.retired_by %}
    select * from {{ entity.name }}_too_late
    union all
    {% endif %}
    {% endfor %}
    select * from retired

)

select * from quarantined
