-- A pattern of reasons with a capital, or of product numbers with a small letter, would never be found: texts are
-- lowered and numbers raised before.
select
    'cancellation_reasons' as seed,
    priority,
    pattern
from {{ ref('cancellation_reasons') }}
where pattern != {{ lower_trimmed('pattern') }}
union all
select
    'sku_patterns' as seed,
    priority,
    pattern
from {{ ref('sku_patterns') }}
where translate(pattern, 'abcdefghijklmnopqrstuvwxyz', '') != pattern
