with runs as (

    select * from {{ ref('stg_operations__runs') }}

),

-- A report that was written again (its page rendered anew) lands again: the last one written counts.
ranked as (

    select
        *,
        row_number() over (
            partition by run_id order by ended_at desc nulls last, status desc nulls last, batch, batch_row
        ) as newness
    from runs

)

select
    run_id,
    release_id,
    status,
    failed_step,
    seconds,
    peak_memory_bytes,
    rows_read,
    rows_landed,
    rows_rejected,
    tests_passed,
    tests_failed,
    checks_passed,
    checks_failed,
    started_at,
    ended_at
from ranked
where newness = 1
