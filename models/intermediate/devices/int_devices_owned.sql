{{ owned_intervals('device_id') }}
