-- What a member did at a gym that shows presence there, on the date of the stay it belongs to. A stay takes what begins
-- within a day of its login, so an access lies at most two local days after its date, a login two UTC days before it.
{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'visit_date',
        'reads': {
            'int_gym_logins_conformed': {'days': [2, 3]},
            'int_class_check_ins_conformed': {'key': 'business_date', 'days': [1, 2]},
            'int_facility_entries_conformed': {'key': 'business_date', 'days': [1, 2]},
        },
    },
) }}

with gym_logins as (

    select * from {{ touched('int_gym_logins_conformed') }}
    where member_id is not null

),

check_ins as (

    select * from {{ touched('int_class_check_ins_conformed') }}
    where is_known_member and gym_id is not null

),

facility_entries as (

    select * from {{ touched('int_facility_entries_conformed') }}
    where is_known_member

),

accesses as (

    select
        'gym_login' as access_type,
        gym_login_key as source_key,
        member_id,
        gym_id,
        business_date,
        login_at as begins_at,
        takes_workouts_until as ends_at,
        is_open
    from gym_logins
    union all
    select
        'class_check_in' as access_type,
        cast(check_in_id as string) as source_key,
        member_id,
        gym_id,
        business_date,
        checked_in_at as begins_at,
        ends_at,
        false as is_open
    from check_ins
    union all
    select
        'facility_entry' as access_type,
        cast(facility_entry_id as string) as source_key,
        member_id,
        gym_id,
        business_date,
        entered_at as begins_at,
        left_at as ends_at,
        false as is_open
    from facility_entries

),

-- Without a known end an access is a moment; none lasts longer than the longest stay.
bounded as (

    select
        access_type,
        source_key,
        member_id,
        gym_id,
        business_date,
        begins_at,
        is_open,
        {{ surrogate_key(['access_type', 'source_key']) }} as access_key,
        least(
            greatest(coalesce(ends_at, begins_at), begins_at),
            {{ add_seconds('begins_at', var('longest_stay_hours') ~ ' * 3600') }}
        ) as ends_at
    from accesses

),

-- A second tap at the same reader says nothing new.
repeats as (

    select
        *,
        coalesce(
            {{ seconds_between(
                'lag(begins_at) over (partition by member_id, gym_id, access_type order by begins_at, access_key)',
                'begins_at'
            ) }} < {{ var('repeated_access_seconds') }},
            false
        ) as is_repeat
    from bounded

),

days_touched as (

    select 0 as days_later
    union all
    select 1 as days_later

),

-- Stays by the UTC days that they touch, so that a day's accesses meet that day's stays alone.
stays as (

    select
        repeats.member_id,
        repeats.gym_id,
        repeats.access_key,
        repeats.business_date,
        {{ add_days('cast(repeats.begins_at as date)', 'days_touched.days_later') }} as utc_date,
        repeats.begins_at,
        repeats.ends_at
    from repeats
    cross join days_touched
    where repeats.access_type = 'gym_login'

),

-- The stays that were open to a member who signed in elsewhere in the gym; the latest login counts.
covering as (

    select
        repeats.access_key,
        stays.business_date,
        row_number() over (
            partition by repeats.access_key
            order by stays.begins_at desc, stays.access_key
        ) as stay_rank
    from repeats
    inner join stays
        on
            repeats.member_id = stays.member_id
            and repeats.gym_id = stays.gym_id
            and cast(repeats.begins_at as date) = stays.utc_date
            and repeats.begins_at >= stays.begins_at
            and repeats.begins_at <= stays.ends_at
    where repeats.access_type != 'gym_login'

)

select
    repeats.access_key,
    repeats.source_key,
    repeats.member_id,
    repeats.gym_id,
    repeats.access_type,
    repeats.is_open,
    repeats.is_repeat,
    coalesce(covering.business_date, repeats.business_date) as visit_date,
    repeats.begins_at,
    repeats.ends_at
from repeats
left join covering
    on
        repeats.access_key = covering.access_key
        and covering.stay_rank = 1
