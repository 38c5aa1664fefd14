with runs as (

    select * from {{ ref('int_runs_deduplicated') }}

)

select
    run_id,
    status,
    failed_step,
    release_id,
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
from runs
