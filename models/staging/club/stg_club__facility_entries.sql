with source as (

    select * from {{ source('club', 'facility_entries') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        entry_id as facility_entry_id,
        member_id,
        gym as gym_id,

        -- strings
        facility,

        -- times
        entered_at,
        left_at
    from source

)

select * from renamed
