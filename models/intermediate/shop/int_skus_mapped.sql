with sales as (

    select * from {{ ref('int_sales_deduplicated') }}

),

patterns as (

    select * from {{ ref('sku_patterns') }}

),

-- Each spelling is read once, however many lines have it.
spellings as (

    select distinct sku from sales
    where sku is not null

),

ranked as (

    select
        spellings.sku,
        patterns.product_sku,
        row_number() over (partition by spellings.sku order by patterns.priority) as pattern_rank
    from spellings
    inner join patterns
        on {{ matches(sku_letters('spellings.sku'), 'patterns.pattern') }}

)

select
    spellings.sku,
    ranked.product_sku
from spellings
left join ranked
    on
        spellings.sku = ranked.sku
        and ranked.pattern_rank = 1
