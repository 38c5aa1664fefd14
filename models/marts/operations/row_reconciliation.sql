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
        sum(rows_landed) as landed_count,
        sum(case when retired_at is not null then rows_landed else 0 end) as retired_count
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
        {{ "(select count(*) from " ~ ref(entity.staging) ~ " where not " ~ until_as_of(entity.dated_by) ~ ")"
        if var('as_of') and entity.dated_by else "0" }} as later_count,
        {{ "(select sum(sent_count - distinct_count) from " ~ ref(entity.counted) ~ ")"
        if entity.counted else "sum(copies_count - 1)" }} as duplicate_count,
        count(*) as silver_count
    from {{ ref(entity.silver) }}
    {{ "union all" if not loop.last }}
    {% endfor %}

),

reconciled as (

    select
        counted.entity,
        counted.source_name,
        counted.table_name,
        cast(coalesce(landed.read_count, 0) as bigint) as read_count,
        cast(coalesce(landed.rejected_count, 0) as bigint) as rejected_count,
        cast(coalesce(landed.landed_count, 0) as bigint) as landed_count,
        cast(coalesce(landed.retired_count, 0) as bigint) as retired_count,
        cast(counted.bronze_count as bigint) as bronze_count,
        cast(counted.later_count as bigint) as later_count,
        cast(coalesce(counted.duplicate_count, 0) as bigint) as duplicate_count,
        cast(coalesce(quarantined.quarantined_count, 0) as bigint) as quarantined_count,
        cast(counted.silver_count as bigint) as silver_count
    from counted
    left join landed
        on
            counted.source_name = landed.source_name
            and counted.table_name = landed.table_name
    left join quarantined
        on counted.entity = quarantined.entity

)

-- What the lake has retired since may still be in silver or, after a rebuild as a whole, no longer.
select
    *,
    read_count = landed_count + rejected_count
    and landed_count = bronze_count + retired_count
    and silver_count + duplicate_count + quarantined_count + later_count
    between bronze_count and bronze_count + retired_count as is_balanced
from reconciled
