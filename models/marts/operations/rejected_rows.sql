with rejects as (

    select * from {{ ref('stg_operations__rejects') }}

),

batches as (

    select * from {{ ref('stg_operations__batches') }}
    where rejects_retired_at is not null

),

lying as (

    select
        {{ surrogate_key(['source_name', 'table_name', 'batch', 'batch_row']) }} as rejected_row_key,
        source_name,
        table_name,
        batch,
        batch_row,
        source_file,
        column_name,
        reason,
        landed_at
    from rejects

),

-- Of rows that retention took, the ledger knows how many there were: they still count, each as a row.
numbered as (

    select
        source_name,
        table_name,
        batch,
        source_file,
        {{ explode_numbers('rows_rejected') }} as retired_number,
        landed_at
    from batches

),

retired as (

    select
        {{ surrogate_key(['source_name', 'table_name', 'batch', "'retired'", 'retired_number']) }} as rejected_row_key,
        source_name,
        table_name,
        batch,
        cast(null as bigint) as batch_row,
        source_file,
        cast(null as string) as column_name,
        'retention took the row' as reason,
        landed_at
    from numbered

)

select * from lying
union all
select * from retired
