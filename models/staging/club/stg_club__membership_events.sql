with source as (

    select * from {{ source('club', 'membership_events') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        event_id as membership_event_id,
        membership_id,
        member_id,
        gym as gym_id,
        {{ trimmed('plan_code') }} as plan_code,

        -- strings
        {{ lower_trimmed('event_type') }} as event_type,

        -- numbers
        price as price_amount,
        discount as discount_amount,

        -- times
        effective_on as effective_date,
        event_at
    from source

)

select * from renamed
