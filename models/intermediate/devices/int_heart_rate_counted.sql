-- depends_on: {{ ref('int_rows_quarantined') }}
-- Counted from the landed rows by another way than the deduplication takes, so that each proves the other: seconds of a
-- minute are bits of a number, and a second that was sent twice sets its bit once.
{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'measured_date',
        'reads': {
            'devices.bpm': {'epoch': 'measured_epoch'},
            'int_devices_owned': 'unwatched',
            'int_rows_quarantined': {'batches': True},
        },
        'chunk_rows': 60000000,
    },
) }}

with judged as (

    select * from {{ touched('int_heart_rate_judged') }}
    where quarantine_rule is null

),

minutes as (

    select
        measured_date,
        device_id,
        count(*) as sent_count,
        {{ bits_set(seconds_into(60, 'measured_epoch')) }} as distinct_count
    from judged
    group by measured_date, device_id, measured_epoch - {{ seconds_into(60, 'measured_epoch') }}

)

select
    cast(sum(sent_count) as bigint) as sent_count,
    cast(sum(distinct_count) as bigint) as distinct_count,
    measured_date
from minutes
group by measured_date
