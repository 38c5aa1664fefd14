with source as (

    select * from {{ source('feedback', 'class_feedback') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        response_id,
        class_session_id,
        email_hash,

        -- strings
        email,
        comment as comment_text,

        -- numbers
        rating,
        would_recommend,

        -- times
        submitted_at
    from source

)

select * from renamed
