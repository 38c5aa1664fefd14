with class_types as (

    select * from {{ ref('int_class_types_deduplicated') }}

),

sessions as (

    select * from {{ ref('int_class_sessions_conformed') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- A kind of class that only the schedule knows is one, too.
known as (

    select class_type_code from class_types
    union
    select sessions.class_type_code
    from sessions
    inner join as_of
        on sessions.class_date <= as_of.as_of_date
    where sessions.class_type_code is not null

)

select
    {{ surrogate_key(["'class'", 'known.class_type_code']) }} as class_key,
    known.class_type_code,
    coalesce(class_types.class_name, 'unmapped') as class_name,
    class_types.class_category,
    class_types.class_type_code is null as is_unmapped
from known
left join class_types
    on known.class_type_code = class_types.class_type_code
