{{ config(materialized='view') }}

with events as (

    select * from {{ ref('stg_devices__workouts') }}

),

members as (

    select * from {{ ref('int_members_known') }}

)

select
    events.*,
    cast(events.event_at as date) as event_date,
    case
        when events.event_at is null then 'event_at_out_of_range'
        when events.action not in ('start', 'stop') then 'unknown_action'
        when members.member_id is null then 'unknown_member'
    end as quarantine_rule
from events
left join members
    on events.member_id = members.member_id
