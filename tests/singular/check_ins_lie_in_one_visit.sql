-- Every check-in of a known member to a gym lies within one visit of its day, and within one only.
with check_ins as (

    select * from {{ ref('int_class_check_ins_conformed') }}
    where is_known_member and gym_id is not null

),

accesses as (

    select * from {{ ref('int_accesses_dated') }}
    where access_type = 'class_check_in'

),

visits as (

    select * from {{ ref('int_visits_assembled') }}

)

select
    check_ins.check_in_id,
    count(visits.visit_key) as visit_count
from check_ins
left join accesses
    on cast(check_ins.check_in_id as string) = accesses.source_key
left join visits
    on
        check_ins.member_id = visits.member_id
        and check_ins.gym_id = visits.gym_id
        and accesses.visit_date = visits.visit_date
        and check_ins.checked_in_at >= visits.arrives_at
        and check_ins.checked_in_at <= visits.present_until
group by check_ins.check_in_id
having count(visits.visit_key) != 1
