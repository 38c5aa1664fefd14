with quarantined as (

    select * from {{ ref('int_rows_quarantined') }}

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
