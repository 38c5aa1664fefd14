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
        'chunk_rows': 20000000,
    },
) }}

with judged as (

    select
        device_id,
        bpm,
        measured_at,
        measured_date,
        coalesce(bpm between 25 and 240, false) as is_valid
    from {{ touched('int_heart_rate_judged') }}
    where quarantine_rule is null

),

-- One pass over the largest table gives both: of readings of one device and second the last in this order stays, and
-- what follows the last is the next reading. Valid before invalid, lower before higher: content decides, not arrival.
ordered as (

    select
        *,
        lead(measured_at) over (
            partition by device_id, measured_date order by measured_at, is_valid, bpm desc nulls last
        ) as next_measured_at
    from judged

)

select
    device_id,
    bpm,
    case
        when next_measured_at is not null
            then cast(least(10, {{ seconds_between('measured_at', 'next_measured_at') }}) as bigint)
    end as seconds_to_next,
    is_valid,
    measured_at,
    measured_date
from ordered
where next_measured_at is null or next_measured_at > measured_at
