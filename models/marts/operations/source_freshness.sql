{%- set entities = quarantined_entities() -%}

with batches as (

    select * from {{ ref('stg_operations__batches') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

landed as (

    select
        source_name,
        table_name,
        count(*) as batch_count,
        sum(rows_landed) as landed_count,
        max(landed_at) as last_landed_at
    from batches
    group by source_name, table_name

),

told as (

    {% for entity in entities %}
    {%- set told_by = entity.happened_by or entity.told_by %}
    select
        '{{ entity.name }}' as entity,
        '{{ entity.source }}' as source_name,
        '{{ entity.table }}' as table_name,
        (select count(*) from {{ ref(entity.silver) }}) as silver_count,
        min({{ told_by }}) as first_date,
        max({{ told_by }}) as last_date
    from {{ ref(entity.happened_in or entity.told_in or entity.silver) }}
    where {{ until_as_of(told_by) }}
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    told.entity,
    told.source_name,
    told.table_name,
    coalesce(landed.batch_count, 0) as batch_count,
    cast(coalesce(landed.landed_count, 0) as bigint) as landed_count,
    told.silver_count,
    cast({{ day_number('as_of.as_of_date') }} - {{ day_number('told.last_date') }} as int) as days_behind,
    landed.last_landed_at,
    told.first_date,
    told.last_date,
    as_of.as_of_date
from told
cross join as_of
left join landed
    on
        told.source_name = landed.source_name
        and told.table_name = landed.table_name
