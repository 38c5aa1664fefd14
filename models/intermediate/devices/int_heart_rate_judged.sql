{{ config(materialized='view') }}

with readings as (

    select * from {{ ref('stg_devices__bpm') }}

),

devices as (

    select distinct device_id from {{ ref('int_devices_owned') }}

)

select
    readings.*,
    cast(readings.measured_at as date) as measured_date,
    case
        when readings.measured_at is null then 'measured_at_out_of_range'
        when devices.device_id is null then 'device_not_registered'
    end as quarantine_rule
from readings
left join devices
    on readings.device_id = devices.device_id
