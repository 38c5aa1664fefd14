{%- set entities = quarantined_entities() -%}

with batches as (

    select * from {{ ref('stg_operations__batches') }}

),

quarantined as (

    select
        entity,
        count(*) as quarantined_count
    from {{ ref('quarantined_rows') }}
    group by entity

),

landed as (

    select
        source_name,
        table_name,
        sum(rows_read) as read_count,
        sum(rows_rejected) as rejected_count,
        sum(rows_landed) as landed_count
    from batches
    group by source_name, table_name

),

counted as (

    {% for entity in entities %}
    select
        '{{ entity.name }}' as entity,
        '{{ entity.source }}' as source_name,
        '{{ entity.table }}' as table_name,
        (select count(*) from {{ ref(entity.staging) }}) as bronze_count,
        {{ entity.duplicates | replace('{silver}', ref(entity.silver)) }} as duplicate_count,
        count(*) as silver_count
    from {{ ref(entity.silver) }}
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    counted.entity,
    counted.source_name,
    counted.table_name,
    cast(coalesce(landed.read_count, 0) as bigint) as read_count,
    cast(coalesce(landed.rejected_count, 0) as bigint) as rejected_count,
    cast(coalesce(landed.landed_count, 0) as bigint) as landed_count,
    cast(counted.bronze_count as bigint) as bronze_count,
    cast(coalesce(counted.duplicate_count, 0) as bigint) as duplicate_count,
    cast(coalesce(quarantined.quarantined_count, 0) as bigint) as quarantined_count,
    cast(counted.silver_count as bigint) as silver_count,
    coalesce(landed.read_count, 0) = coalesce(landed.landed_count, 0) + coalesce(landed.rejected_count, 0)
    and coalesce(landed.landed_count, 0) = counted.bronze_count
    and counted.bronze_count
    = counted.silver_count
    + coalesce(counted.duplicate_count, 0)
    + coalesce(quarantined.quarantined_count, 0) as is_balanced
from counted
left join landed
    on
        counted.source_name = landed.source_name
        and counted.table_name = landed.table_name
left join quarantined
    on counted.entity = quarantined.entity
