with source as (

    select * from {{ source('club', 'memberships') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        membership_id,
        member_id,
        gym as gym_id,
        {{ trimmed('plan_code') }} as plan_code,

        -- numbers
        price as price_amount,
        discount as discount_amount,

        -- times
        started_on as started_date,
        ended_on as ended_date,
        updated_at
    from source

)

select * from renamed
