-- Gold as one would write it by hand for DuckDB, once: no layers, tests, quarantine, records of rows, or increments.
-- Reads the raw tables below the variable `raw` and the seeds in the variable `seeds`; fills the schema `gold`.

create schema gold;

create temp macro utc(seconds) as make_timestamp(seconds * 1000000);
create temp macro text(value) as coalesce(cast(value as varchar), '~null~');
create temp macro member_key(member) as md5('member|' || member);
create temp macro local_date(moment, zone) as cast(timezone(zone, timezone('UTC', moment)) as date);
create temp macro years(born, day) as
    cast(floor((cast(strftime(day, '%Y%m%d') as int) - cast(strftime(born, '%Y%m%d') as int)) / 10000.0) as int);
create temp macro exact(value) as
    case
        when value = trunc(value) then cast(value as decimal(9, 3))
        else cast(cast(value as varchar) as decimal(9, 3))
    end;

-- Members, devices, places -----------------------------------------------------------------------------------------

create temp table age_bands as select * from read_csv(getvariable('seeds') || '/age_bands.csv');
create temp table zones as select * from read_csv(
    getvariable('seeds') || '/heart_rate_zones.csv',
    types = {'lowest_share': 'decimal(4,2)', 'upper_share': 'decimal(4,2)'}
);

create temp table registered as
select user_id as member_id, device_id, trim(lower(mac_address)) as mac_address, utc(registration_timestamp) as registered_at
from read_parquet(getvariable('raw') || '/devices/registered_devices/**/*.parquet', hive_partitioning = false)
qualify row_number() over (partition by user_id, device_id order by registration_timestamp, 3 nulls last) = 1;

create table gold.dim_device as
select
    md5('device|' || member_id || '|' || device_id) as device_key, member_key(member_id) as member_key,
    member_id, device_id, mac_address, registered_at
from registered;

create temp macro owned_from(number, since) as case when number = 1 then timestamp '1900-01-01' else since end;

create temp table device_owners as
select member_id, device_id, owned_from(number, registered_at) as owned_from, coalesce(next_at, timestamp '9999-12-31') as owned_to
from (
    select *, row_number() over o as number, lead(registered_at) over o as next_at
    from registered window o as (partition by device_id order by registered_at, member_id)
)
where next_at is null or number = 1 or next_at > registered_at;

create temp table mac_owners as
select member_id, mac_address, owned_from(number, registered_at) as owned_from, coalesce(next_at, timestamp '9999-12-31') as owned_to
from (
    select *, row_number() over o as number, lead(registered_at) over o as next_at
    from registered where mac_address is not null
    window o as (partition by mac_address order by registered_at, member_id, device_id)
)
where next_at is null or number = 1 or next_at > registered_at;

create temp table changes as
select distinct
    user_id as member_id, sequence, lower(update_type) as update_type, first_name, last_name, street_address,
    city, state, zip, sex, gender, dob, utc("timestamp") as changed_at, min(topic_offset) over same as topic_offset
from read_parquet(getvariable('raw') || '/crm/profile_changes/**/*.parquet', hive_partitioning = false)
where lower(update_type) in ('new', 'update', 'delete')
window same as (
    partition by
        user_id, sequence, lower(update_type), first_name, last_name, street_address, city, state, zip, sex, gender, dob,
        "timestamp"
);

create temp table versions as
with numbered as (
    select *, row_number() over (
        partition by member_id order by
            sequence nulls first, changed_at, topic_offset nulls first, update_type, first_name nulls first,
            last_name nulls first, street_address nulls first, city nulls first, state nulls first, zip nulls first,
            sex nulls first, gender nulls first, dob nulls first
    ) as number
    from changes
),

begun as (
    select *, max(changed_at) over (partition by member_id order by number) as valid_from from numbered
),

closed as (
    select *, lead(valid_from) over (partition by member_id order by number) as valid_to from begun
)

select
    member_id, update_type, city, state, zip, sex, gender, dob, valid_from, valid_to,
    row_number() over (partition by member_id order by number) as version_number
from closed
where update_type != 'delete';

create table gold.dim_member_history as
select
    md5('member version|' || member_id || '|' || version_number) as member_version_key, member_key(member_id) as member_key,
    member_id, version_number, update_type as change_type, coalesce(age_band, 'unknown') as age_band, sex, gender,
    city, state, zip, valid_to is null as is_current, valid_from, valid_to
from versions left join age_bands on years(dob, valid_from) between lowest_age and highest_age;

create temp table locations as
select gym as gym_id, location_name, city, state, country, time_zone
from read_parquet(getvariable('raw') || '/club/locations/**/*.parquet', hive_partitioning = false)
qualify row_number() over (
    partition by gym order by
        updated_at desc, time_zone desc nulls last, location_name desc nulls last, city desc nulls last,
        state desc nulls last, country desc nulls last
) = 1;

-- Stays and workouts -----------------------------------------------------------------------------------------------

create temp table logins as
select
    md5(text(mac) || '|' || gym || '|' || login) as gym_login_key, mac as mac_address, gym as gym_id, utc(login) as login_at,
    utc(max(case when logout > login then logout end)) as logout_at
from (
    select *, trim(lower(mac_address)) as mac
    from read_parquet(getvariable('raw') || '/access/gym_logins/**/*.parquet', hive_partitioning = false)
)
group by mac, gym, login;

create table gold.dim_location as
select
    md5('location|' || gym_id) as location_key, gym_id, coalesce(location_name, 'unmapped') as location_name, city, state,
    country, coalesce(known.time_zone, 'UTC') as time_zone, locations.gym_id is null as is_unmapped,
    known.time_zone is not null as has_known_time_zone
from (select gym_id from locations union select gym_id from logins)
left join locations using (gym_id)
left join read_csv(getvariable('seeds') || '/time_zones.csv') as known on locations.time_zone = known.time_zone;

create temp table stays as
select
    logins.*, member_id, time_zone, local_date(login_at, time_zone) as business_date,
    least(coalesce(logout_at, open_until), login_at + interval 24 hours) as takes_workouts_until
from (
    select *, least(
        login_at + interval 6 hours,
        coalesce(lead(login_at) over (partition by mac_address order by login_at, gym_id), login_at + interval 6 hours)
    ) as open_until
    from logins
) as logins
inner join gold.dim_location using (gym_id)
left join mac_owners
    on logins.mac_address = mac_owners.mac_address and login_at >= owned_from and login_at < owned_to;

create temp table members as select distinct member_id from changes union select member_id from registered;

create temp table events as
select distinct user_id as member_id, workout_id, session_id, lower(action) as action, utc("timestamp") as event_at
from read_parquet(getvariable('raw') || '/devices/workouts/**/*.parquet', hive_partitioning = false)
where lower(action) in ('start', 'stop') and user_id in (from members);

create temp table workouts as
with neighbours as (
    select
        *, lead(action) over s as next_action, lead(event_at) over s as next_at, lag(action) over s as former_action,
        lag(event_at) over s as former_at
    from events window s as (partition by member_id, workout_id, session_id order by event_at, action desc)
),

paired as (
    select
        *, coalesce(action = 'start' and next_action = 'stop' and next_at - event_at <= interval 24 hours, false) as stops,
        coalesce(action = 'stop' and former_action = 'start' and event_at - former_at <= interval 24 hours, false) as ends
    from neighbours
),

sessions as (
    select
        member_id, workout_id, session_id,
        case
            when action = 'stop' then 'no_start'
            when not stops then 'no_stop'
            when next_at - event_at >= interval 3 hours then 'too_long'
        end as incomplete_reason,
        case when action = 'start' then event_at end as started_at,
        case when action = 'stop' then event_at when stops then next_at end as stopped_at
    from paired where not ends
)

select
    md5(
        member_id || '|' || workout_id || '|' || session_id || '|' || if(started_at is null, 'no start', '~null~') || '|'
        || cast(epoch(coalesce(started_at, stopped_at)) as bigint)
    ) as workout_key, *
from sessions;

create temp table located as
select gym_login_key, workout_key, row_number() over (partition by workout_key order by login_at desc, gym_login_key) as rank
from stays inner join workouts using (member_id)
where incomplete_reason is null and started_at between login_at and takes_workouts_until;

create table gold.fct_workout as
select
    workouts.workout_key, member_key(workouts.member_id) as member_key, gym_login_key, workouts.member_id, workout_id,
    session_id, gym_id, incomplete_reason, cast(date_diff('second', started_at, stopped_at) as double) / 60 as minutes_exercising,
    incomplete_reason is null as is_complete, started_at, stopped_at,
    local_date(coalesce(started_at, stopped_at), coalesce(time_zone, 'UTC')) as business_date
from workouts
left join (from located where rank = 1) as located using (workout_key)
left join stays using (gym_login_key);

create table gold.gym_summary as
select
    md5(gym_login_key || '|' || workout_key) as gym_summary_key, gym_login_key, workout_key,
    member_key(workouts.member_id) as member_key, business_date as date, gym_id, mac_address, workout_id, session_id,
    cast(date_diff('second', login_at, logout_at) as double) / 60 as minutes_in_gym,
    cast(date_diff('second', started_at, stopped_at) as double) / 60 as minutes_exercising, logout_at is null as is_open
from located inner join stays using (gym_login_key) inner join workouts using (workout_key);

create table gold.gym_summary_daily as
with stay_totals as (
    select gym_id, date, count(*) as stay_count, sum(cast(round(minutes * 60) as bigint)) as seconds_in_gym
    from (select gym_id, date, max(minutes_in_gym) as minutes from gold.gym_summary group by gym_id, date, gym_login_key)
    group by gym_id, date
),

session_totals as (
    select
        gym_id, date, count(*) as session_count, count(distinct member_id) as member_count,
        sum(date_diff('second', started_at, stopped_at)) as seconds_exercising,
        array_to_string(list_sort(list(distinct member_id || ':' || workout_id || ':' || session_id)), ', ') as workouts
    from (select distinct gym_id, date, workout_key from gold.gym_summary) inner join workouts using (workout_key)
    group by gym_id, date
)

select
    md5(gym_id || '|' || date) as gym_day_key, gym_id, date, workouts, member_count, stay_count, session_count,
    cast(seconds_in_gym as double) / 60 as minutes_in_gym, cast(seconds_exercising as double) / 60 as minutes_exercising
from stay_totals inner join session_totals using (gym_id, date);

-- Heart rates ------------------------------------------------------------------------------------------------------

-- One reading a device and second: valid before invalid, lower before higher. It stands for the seconds until the next
-- one or the stop, ten at most.
create temp table beats as
with readings as (
    select device_id, heartrate as bpm, coalesce(heartrate between 25 and 240, false) as is_valid, utc("time") as measured_at
    from read_parquet(getvariable('raw') || '/devices/bpm/**/*.parquet', hive_partitioning = false)
),

followed as (
    select *, lead(measured_at) over (
        partition by device_id order by measured_at, is_valid, bpm desc nulls last
    ) as next_at
    from readings
),

carried as (
    select
        workout_key, device_id, started_at, stopped_at, owned_from, owned_to,
        unnest(generate_series(cast(started_at as date), cast(stopped_at as date), interval 1 day)) as day
    from workouts inner join device_owners using (member_id)
    where incomplete_reason is null and stopped_at >= owned_from and started_at < owned_to
)

select
    workout_key, exact(bpm) as bpm, count(*) as readings,
    sum(least(10, date_diff('second', measured_at, least(coalesce(next_at, stopped_at), stopped_at)))) as seconds
from followed
inner join carried on followed.device_id = carried.device_id and cast(measured_at as date) = cast(day as date)
where
    is_valid and (next_at is null or next_at > measured_at) and measured_at > started_at and measured_at <= stopped_at
    and measured_at >= owned_from and measured_at < owned_to
group by all;

create temp table profiled as
select workout_key, sex, gender, city, state, years(dob, started_at) as age_years
from workouts inner join versions using (member_id)
where incomplete_reason is null
qualify row_number() over (
    partition by workout_key order by valid_from > started_at,
        case when valid_from <= started_at then -version_number else version_number end
) = 1;

create table gold.workout_bpm_summary as
select
    workout_key, member_key, workout_id, session_id, member_id as user_id, business_date as date,
    coalesce(age_band, 'unknown') as age_band, sex, gender, city, state, num_recordings, cast(min_bpm as double) as min_bpm,
    cast(sum_bpm as double) / num_recordings as avg_bpm, cast(max_bpm as double) as max_bpm
from (
    select
        workout_key, cast(sum(readings) as bigint) as num_recordings, min(bpm) as min_bpm, sum(bpm * readings) as sum_bpm,
        max(bpm) as max_bpm
    from beats group by workout_key
)
inner join gold.fct_workout using (workout_key)
left join profiled using (workout_key)
left join age_bands on age_years between lowest_age and highest_age;

create table gold.heart_rate_zone_minutes as
select
    md5(workout_key || '|' || scheme || '|' || zone) as heart_rate_zone_key, workout_key, member_key, business_date, scheme,
    zone, zone_name, cast(sum(readings) as bigint) as reading_count, cast(sum(seconds) as double) / 60 as zone_minutes
from beats
inner join profiled using (workout_key)
inner join gold.fct_workout using (workout_key)
inner join zones
    on
        bpm - counts_from_rest * 60 >= lowest_share * (211 - 0.64 * age_years - counts_from_rest * 60)
        and bpm - counts_from_rest * 60 < upper_share * (211 - 0.64 * age_years - counts_from_rest * 60)
group by all;

-- Whose age is of today: the newest date of the data ---------------------------------------------------------------

create table gold.dim_member as
with today as (
    select max(day) as today from (
        select max(business_date) as day from stays
        union all select cast(max(event_at) as date) from events
        union all select cast(max(changed_at) as date) from changes
        union all select max(date)
        from read_parquet(getvariable('raw') || '/lifelog/daily/**/*.parquet', hive_partitioning = false)
    )
)

select
    member_key(members.member_id) as member_key, members.member_id,
    if(version_number is null, null, md5('member version|' || members.member_id || '|' || version_number)) as current_version_key,
    coalesce(age_band, 'unknown') as age_band, sex, gender, city, state, zip, coalesce(device_count, 0) as device_count,
    version_number is not null as has_profile, valid_to is not null as is_deleted, valid_from as profile_changed_at,
    valid_to as deleted_at, first_registered_at as first_device_registered_at
from members
cross join today
left join (
    from versions qualify row_number() over (partition by member_id order by version_number desc) = 1
) as profiles using (member_id)
left join (
    select member_id, count(*) as device_count, min(registered_at) as first_registered_at from registered group by member_id
) as devices using (member_id)
left join age_bands on years(dob, today) between lowest_age and highest_age;
