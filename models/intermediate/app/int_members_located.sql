-- In which zone a member's days are counted where no gym is at hand: that of the home gym.
with members as (

    select * from {{ ref('int_members_known') }}

),

registered as (

    select * from {{ ref('int_members_registered') }}

),

locations as (

    select * from {{ ref('int_locations_conformed') }}

)

select
    members.member_id,
    locations.gym_id as home_gym_id,
    coalesce(locations.time_zone, '{{ var("default_time_zone") }}') as time_zone
from members
left join registered
    on members.member_id = registered.member_id
left join locations
    on registered.home_gym_id = locations.gym_id
