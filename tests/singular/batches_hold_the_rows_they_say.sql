-- The rows that a batch's footer counts are the rows that the lake has of it, landed and rejected.
{%- set sources = [] %}
{%- for entity in quarantined_entities() %}
{%- do sources.append((entity.source, entity.table, entity.staging)) %}
{%- endfor %}

with batches as (

    select * from {{ ref('stg_operations__batches') }}

),

landed as (

    {% for source, table, staging in sources %}
    select
        '{{ source }}' as source_name,
        '{{ table }}' as table_name,
        batch,
        count(*) as landed_count
    from {{ ref(staging) }}
    group by batch
    {{ "union all" if not loop.last }}
    {% endfor %}

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
    batches.rows_landed,
    landed.landed_count,
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
    batches.source_name != 'operations'
    and (
        batches.rows_landed != coalesce(landed.landed_count, 0)
        or batches.rows_rejected != coalesce(rejected.rejected_count, 0)
    )
