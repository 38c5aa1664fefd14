with profiles as (

    select * from {{ ref('int_member_profiles_current') }}

),

members as (

    select * from {{ ref('dim_member') }}

)

select
    profiles.member_key,
    profiles.member_id,
    profiles.first_name,
    profiles.last_name,
    profiles.street_address,
    profiles.city,
    profiles.state,
    profiles.zip,
    members.age_band,
    profiles.is_deleted
from profiles
inner join members
    on profiles.member_key = members.member_key
