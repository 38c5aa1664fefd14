with sales as (

    select * from {{ ref('int_sales_deduplicated') }}

),

patterns as (

    select * from {{ ref('sku_patterns') }}

),

-- Each spelling is read once, however many lines have it, and what only case and blanks tell apart is looked up once.
spellings as (

    select
        sku,
        {{ sku_letters('sku') }} as letters
    from (select distinct sku from sales) as skus
    where sku is not null

),

read_alike as (

    select distinct letters from spellings

),

ranked as (

    select
        read_alike.letters,
        patterns.product_sku,
        row_number() over (partition by read_alike.letters order by patterns.priority) as pattern_rank
    from read_alike
    inner join patterns
        on {{ matches('read_alike.letters', 'patterns.pattern') }}

)

select
    spellings.sku,
    ranked.product_sku
from spellings
left join ranked
    on
        spellings.letters = ranked.letters
        and ranked.pattern_rank = 1
