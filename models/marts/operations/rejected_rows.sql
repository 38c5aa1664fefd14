with rejects as (

    select * from {{ ref('stg_operations__rejects') }}

)

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
