{#
  The entities whose rows are accounted for from landing to silver: where each is judged, where it ends, and how many
  rows of it silver left out as repeats (an aggregate over the silver table).

  `row_reconciliation` and `quarantined_rows` are built from this list; add a line when you add a source table.
#}
{% macro quarantined_entities() %}
    {% set copies = "sum(copies_count - 1)" %}
    {{ return([
        {"name": "locations", "source": "club", "table": "locations", "duplicates": copies,
         "staging": "stg_club__locations", "judged": "int_locations_judged", "silver": "int_locations_deduplicated"},
        {"name": "gym_logins", "source": "access", "table": "gym_logins", "duplicates": copies,
         "staging": "stg_access__gym_logins", "judged": "int_gym_logins_judged", "silver": "int_gym_logins_merged"},
        {"name": "registered_devices", "source": "devices", "table": "registered_devices", "duplicates": copies,
         "staging": "stg_devices__registered_devices", "judged": "int_devices_judged", "silver": "int_devices_registered"},
        {"name": "workout_events", "source": "devices", "table": "workouts", "duplicates": copies,
         "staging": "stg_devices__workouts", "judged": "int_workout_events_judged", "silver": "int_workout_events_deduplicated",
         "orphan_rule": "unknown_member", "orphan_of": "member_id"},
        {"name": "heart_rate", "source": "devices", "table": "bpm", "duplicates": "(select sum(sent) from (select max(reading_number) as sent from {silver} group by device_id, measured_date) as per_day) - count(*)",
         "staging": "stg_devices__bpm", "judged": "int_heart_rate_judged", "silver": "int_heart_rate_deduplicated",
         "orphan_rule": "device_not_registered", "orphan_of": "device_id"},
        {"name": "profile_changes", "source": "crm", "table": "profile_changes", "duplicates": copies,
         "staging": "stg_crm__profile_changes", "judged": "int_member_profile_changes_judged",
         "silver": "int_member_profile_changes_deduplicated"},
        {"name": "lifelog", "source": "lifelog", "table": "daily", "duplicates": copies,
         "staging": "stg_lifelog__daily", "judged": "int_lifelog_judged", "silver": "int_lifelog_deduplicated"},
    ]) }}
{% endmacro %}
