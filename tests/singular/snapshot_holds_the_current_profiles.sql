-- What the snapshot now believes and the last version of the folded log are one, member by member.
{{ config(enabled=not var('as_of')) }}

{%- set profile = [
    'is_deleted', 'first_name', 'last_name', 'street_address', 'city', 'state', 'zip', 'sex', 'gender', 'birth_date'
] %}

with seen as (

    select * from {{ ref('member_profile_snapshot') }}
    where dbt_valid_to is null

),

profiles as (

    select * from {{ ref('int_member_profiles_current') }}

)

select coalesce(profiles.member_id, seen.member_id) as member_id
from profiles
full outer join seen
    on profiles.member_id = seen.member_id
where
    profiles.member_id is null
    or seen.member_id is null
    {%- for column in profile %}
    or profiles.{{ column }} is distinct from seen.{{ column }}
    {%- endfor %}
