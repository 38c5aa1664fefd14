{{ owned_intervals('mac_address') }}
