-- The rows that a batch's footer counts are the rows that the lake has of it, landed and rejected, or none once
-- retention took them: in every raw table that the source files declare, so that a new source is held to it at once.
{%- set tables = [] %}
{%- if execute %}
    {%- for table in graph.sources.values() if not table.meta.get("written_by") %}
        {%- do tables.append(table) %}
    {%- endfor %}
{%- endif %}

with batches as (

    select * from {{ ref('stg_operations__batches') }}
    where source_name || '.' || table_name in (
        'no.table'
        {%- for table in tables %},
        '{{ table.source_name }}.{{ table.name }}'
        {%- endfor %}
    )

),

landed as (

    select
        source_name,
        table_name,
        batch,
        0 as landed_count
    from batches
    where false
    {%- for table in tables %}
    union all
    select
        '{{ table.source_name }}' as source_name,
        '{{ table.name }}' as table_name,
        _batch as batch,
        count(*) as landed_count
    from {{ table.relation_name }}
    group by _batch
    {%- endfor %}

),

rejected as (

    select
        source_name,
        table_name,
        batch,
        count(*) as rejected_count
    from {{ ref('stg_operations__rejects') }}
    group by source_name, table_name, batch

)

select
    batches.source_name,
    batches.table_name,
    batches.batch,
    batches.retired_at,
    batches.rows_landed,
    landed.landed_count,
    batches.rejects_retired_at,
    batches.rows_rejected,
    rejected.rejected_count
from batches
left join landed
    on
        batches.source_name = landed.source_name
        and batches.table_name = landed.table_name
        and batches.batch = landed.batch
left join rejected
    on
        batches.source_name = rejected.source_name
        and batches.table_name = rejected.table_name
        and batches.batch = rejected.batch
where
    case when batches.retired_at is null then batches.rows_landed else 0 end != coalesce(landed.landed_count, 0)
    or case when batches.rejects_retired_at is null then batches.rows_rejected else 0 end
    != coalesce(rejected.rejected_count, 0)
