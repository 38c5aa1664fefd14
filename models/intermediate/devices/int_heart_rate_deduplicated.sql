-- depends_on: {{ ref('int_rows_quarantined') }}
{{ config(
    materialized='sliced',
    meta={
        'slice_by': 'measured_date',
        'reads': {
            'devices.bpm': {'epoch': 'measured_epoch'},
            'int_devices_owned': 'unwatched',
            'int_rows_quarantined': {'batches': True},
        },
        'chunk_rows': 10000000,
    },
) }}

with judged as (

    select
        device_id,
        bpm,
        measured_epoch,
        coalesce(bpm between 25 and 240, false) as is_valid
    from {{ touched('int_heart_rate_judged') }}
    where quarantine_rule is null

),

-- One pass over the largest table gives both: of readings of one device and second the last in this order stays, and
-- what follows the last is the next reading. Valid before invalid, lower before higher: content decides, not arrival.
-- Sorting costs by the column, so times are made of seconds afterwards.
ordered as (

    select
        *,
        lead(measured_epoch) over (
            partition by device_id order by measured_epoch, is_valid, bpm desc nulls last
        ) as next_measured_epoch
    from judged

)

select
    device_id,
    bpm,
    case
        when next_measured_epoch - measured_epoch + {{ seconds_into(86400, 'measured_epoch') }} < 86400
            then least(10, next_measured_epoch - measured_epoch)
    end as seconds_to_next,
    is_valid,
    {{ epoch_to_timestamp('measured_epoch') }} as measured_at,
    cast({{ epoch_to_timestamp('measured_epoch') }} as date) as measured_date
from ordered
where next_measured_epoch is null or next_measured_epoch > measured_epoch
