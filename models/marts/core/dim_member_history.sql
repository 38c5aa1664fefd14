{{ config(materialized='sliced', meta={'slice_by': 'member_id'}) }}

with versions as (

    select * from {{ touched('int_member_profile_versions') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

)

select
    versions.member_version_key,
    versions.member_key,
    versions.member_id,
    versions.version_number,
    versions.update_type as change_type,
    coalesce(age_bands.age_band, 'unknown') as age_band,
    versions.sex,
    versions.gender,
    versions.city,
    versions.state,
    versions.zip,
    versions.is_current,
    versions.valid_from,
    versions.valid_to
from versions
left join age_bands
    on
        {{ age_in_years('versions.birth_date', 'versions.valid_from') }}
        between age_bands.lowest_age and age_bands.highest_age
