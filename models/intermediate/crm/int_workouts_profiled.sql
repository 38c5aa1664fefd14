-- Who trained: the profile as it was when the workout began, else the member's first one. Age ends here.
with workouts as (

    select * from {{ ref('int_workouts_paired') }}
    where is_complete

),

-- A version holds until the next one begins; what a delete leaves is the version before it.
versions as (

    select
        *,
        lead(valid_from) over (partition by member_id order by version_number) as next_valid_from
    from {{ ref('int_member_profile_versions') }}

),

ages_banded as (

    {{ ages_banded() }}

),

profiled as (

    select
        workouts.workout_key,
        workouts.workout_date,
        versions.member_version_key,
        versions.sex,
        versions.gender,
        versions.city,
        versions.state,
        {{ age_in_years('versions.birth_date', 'workouts.started_at') }} as age_years
    from workouts
    inner join versions
        on
            workouts.member_id = versions.member_id
            and (workouts.started_at >= versions.valid_from or versions.version_number = 1)
            and (workouts.started_at < versions.next_valid_from or versions.next_valid_from is null)

)

select
    profiled.workout_key,
    profiled.member_version_key,
    profiled.sex,
    profiled.gender,
    profiled.city,
    profiled.state,
    profiled.age_years,
    ages_banded.age_band,
    profiled.workout_date
from profiled
left join ages_banded
    on profiled.age_years = ages_banded.age_years
