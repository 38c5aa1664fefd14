{{ config(materialized='sliced', meta={'slice_by': 'member_id', 'reads': {'crm.profile_changes': {'listed': False}}}) }}

{%- set content = [
    'first_name', 'last_name', 'street_address', 'city', 'state', 'zip', 'sex', 'gender', 'birth_date',
] -%}

with judged as (

    select * from {{ touched('int_member_profile_changes_judged') }}
    where quarantine_rule is null

),

-- The same change may be sent again under another offset of the topic.
deduplicated as (

    select
        member_id,
        change_sequence,
        update_type,
        {{ content | join(',\n        ') }},
        changed_at,
        min(topic_offset) as topic_offset,
        count(*) as copies_count
    from judged
    group by
        member_id,
        change_sequence,
        update_type,
        {{ content | join(',\n        ') }},
        changed_at

)

select
    member_id,
    change_sequence,
    topic_offset,
    update_type,
    {{ content | join(',\n    ') }},
    copies_count,
    changed_at,
    -- The log's order: the CRM's own sequence where it sends one, then time; the rest settles ties by content.
    cast(row_number() over (
        partition by member_id
        order by
            change_sequence nulls first,
            changed_at,
            topic_offset nulls first,
            update_type,
            {{ content | join(' nulls first,\n            ') }} nulls first
    ) as bigint) as change_number
from deduplicated
