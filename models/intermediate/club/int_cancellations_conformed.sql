with cancellations as (

    select * from {{ ref('int_cancellations_deduplicated') }}

),

patterns as (

    select * from {{ ref('cancellation_reasons') }}

),

members as (

    select * from {{ ref('int_members_known') }}

),

-- Each wording is read once, however many typed it.
wordings as (

    select distinct typed_reason from cancellations

),

ranked as (

    select
        wordings.typed_reason,
        patterns.reason,
        row_number() over (partition by wordings.typed_reason order by patterns.priority) as pattern_rank
    from wordings
    inner join patterns
        on {{ matches(lower_trimmed('wordings.typed_reason'), 'patterns.pattern') }}

),

read as (

    select * from ranked
    where pattern_rank = 1

)

select
    cancellations.cancellation_id,
    cancellations.membership_id,
    cancellations.member_id,
    cancellations.typed_reason,
    coalesce(read.reason, 'unmapped') as cancellation_reason,
    cancellations.cancellation_channel,
    read.reason is null as is_unmapped_reason,
    members.member_id is not null as is_known_member,
    cancellations.effective_date,
    cancellations.requested_at
from cancellations
left join read
    on cancellations.typed_reason = read.typed_reason
left join members
    on cancellations.member_id = members.member_id
