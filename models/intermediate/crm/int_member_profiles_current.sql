{{ config(materialized='sliced', meta={'slice_by': 'member_id'}) }}

-- The last version of each member; that of a deleted member is closed.
with versions as (

    select * from {{ touched('int_member_profile_versions') }}

),

ranked as (

    select
        *,
        row_number() over (partition by member_id order by version_number desc) as newness
    from versions

)

select
    member_key,
    member_id,
    member_version_key,
    version_number,
    first_name,
    last_name,
    street_address,
    city,
    state,
    zip,
    sex,
    gender,
    birth_date,
    not is_current as is_deleted,
    valid_from,
    valid_to as deleted_at,
    -- What the snapshot watches: the time of the last change, a delete counted.
    coalesce(valid_to, valid_from) as changed_at
from ranked
where newness = 1
