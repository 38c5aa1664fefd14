with source as (

    select * from {{ source('people', 'members') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        member_id,
        home_gym as home_gym_id,
        email_hash,

        -- strings
        email,
        phone,
        first_name,
        last_name,
        sex,
        {{ lower_trimmed('lead_source') }} as lead_source,

        -- times
        birth_date,
        joined_on as joined_date,
        updated_at
    from source

)

select * from renamed
