-- Who trained: the profile as it was when the workout began, else the member's first one. Age ends here.
with workouts as (

    select * from {{ ref('int_workouts_paired') }}
    where is_complete

),

versions as (

    select * from {{ ref('int_member_profile_versions') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

candidates as (

    select
        workouts.workout_key,
        workouts.workout_date,
        versions.member_version_key,
        versions.sex,
        versions.gender,
        versions.city,
        versions.state,
        {{ age_in_years('versions.birth_date', 'workouts.started_at') }} as age_years,
        row_number() over (
            partition by workouts.workout_key
            order by
                case when versions.valid_from <= workouts.started_at then 0 else 1 end,
                case
                    when versions.valid_from <= workouts.started_at then -versions.version_number
                    else versions.version_number
                end
        ) as nearness
    from workouts
    inner join versions
        on workouts.member_id = versions.member_id

)

select
    candidates.workout_key,
    candidates.member_version_key,
    candidates.sex,
    candidates.gender,
    candidates.city,
    candidates.state,
    candidates.age_years,
    age_bands.age_band,
    candidates.workout_date
from candidates
left join age_bands
    on candidates.age_years between age_bands.lowest_age and age_bands.highest_age
where candidates.nearness = 1
