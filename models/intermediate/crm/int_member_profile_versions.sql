{{ config(materialized='sliced', meta={'slice_by': 'member_id'}) }}

with changes as (

    select * from {{ touched('int_member_profile_changes_deduplicated') }}

),

-- A version begins when it was made, but never before the one that it follows: intervals cannot run backwards.
ordered as (

    select
        *,
        max(changed_at) over (
            partition by member_id order by change_number
            rows between unbounded preceding and current row
        ) as valid_from
    from changes

),

closed as (

    select
        *,
        lead(valid_from) over (partition by member_id order by change_number) as valid_to
    from ordered

),

-- A delete closes the version before it and is none itself.
versions as (

    select
        *,
        cast(row_number() over (partition by member_id order by change_number) as bigint) as version_number
    from closed
    where update_type != 'delete'

)

select
    {{ surrogate_key(["'member version'", 'member_id', 'version_number']) }} as member_version_key,
    {{ member_key('member_id') }} as member_key,
    member_id,
    version_number,
    update_type,
    first_name,
    last_name,
    street_address,
    city,
    state,
    zip,
    sex,
    gender,
    birth_date,
    change_sequence,
    valid_to is null as is_current,
    valid_from,
    valid_to
from versions
