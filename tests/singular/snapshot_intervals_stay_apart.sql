-- What was known of a member follows one upon the other. Said here and not beside the snapshot: when a macro changes,
-- dbt's partial parsing loses a snapshot that has tests in its YAML file.
{{ config(enabled=not var('as_of')) }}

with snapshot_rows as (

    select * from {{ ref('member_profile_snapshot') }}

),

ordered as (

    select
        member_id,
        dbt_valid_from,
        dbt_valid_to,
        lag(dbt_valid_to) over (partition by member_id order by dbt_valid_from) as previous_to,
        row_number() over (partition by member_id order by dbt_valid_from) as interval_number
    from snapshot_rows

)

select *
from ordered
where
    dbt_valid_to < dbt_valid_from
    or (interval_number > 1 and (previous_to is null or previous_to > dbt_valid_from))
