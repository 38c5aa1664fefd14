with source as (

    select * from {{ source('crm', 'profile_changes') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        user_id as member_id,
        sequence as change_sequence,
        topic_offset,

        -- strings
        {{ lower_trimmed('update_type') }} as update_type,
        first_name,
        last_name,
        street_address,
        city,
        state,
        zip,
        sex,
        gender,

        -- times
        dob as birth_date,
        {{ epoch_to_timestamp('source.timestamp') }} as changed_at
    from source

)

select * from renamed
