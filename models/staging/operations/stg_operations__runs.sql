with source as (

    select * from {{ source('operations', 'runs') }}

),

renamed as (

    select
        -- ids
        _batch as batch,
        _row as batch_row,
        run_id,
        release_id,

        -- strings
        status,
        failed_step,
        detail,

        -- numbers
        seconds,
        peak_memory_bytes,
        rows_read,
        rows_landed,
        rows_rejected,
        tests_passed,
        tests_failed,
        checks_passed,
        checks_failed,

        -- times
        started_at,
        ended_at
    from source

)

select * from renamed
