{#
  The entities whose rows are accounted for from landing to silver: where each is judged and where it ends.

  dated_by      what is judged by the day that a build is for (`until_as_of`)
  orphan_rule   the rule that a row breaks while what it speaks of is unknown, `orphan_of` the number of that
  counted       the model that counts repeats, where silver carries no `copies_count`
  retired_by    of a raw table that retention may take away: the day by which its silver is sliced
  happened_by   of what has happened (no plans, no price lists): SQL of the date by which silver says so, local where it is
                known; `happened_in` the silver model that knows it, where that is not `silver`

  `row_reconciliation`, `int_rows_quarantined`, `int_as_of`, `dim_date` and `source_freshness` are built from this list; add a
  line when you add a source table.
#}
{% macro quarantined_entities() %}
    {{ return([
        {"name": "locations", "source": "club", "table": "locations", "dated_by": "cast(updated_at as date)",
         "staging": "stg_club__locations", "judged": "int_locations_judged", "silver": "int_locations_deduplicated"},
        {"name": "gym_logins", "source": "access", "table": "gym_logins", "retired_by": "login_date",
         "staging": "stg_access__gym_logins", "judged": "int_gym_logins_judged", "silver": "int_gym_logins_merged",
         "happened_by": "business_date", "happened_in": "int_gym_logins_conformed"},
        {"name": "registered_devices", "source": "devices", "table": "registered_devices", "dated_by": "cast(registered_at as date)",
         "staging": "stg_devices__registered_devices", "judged": "int_devices_judged", "silver": "int_devices_registered"},
        {"name": "workout_events", "source": "devices", "table": "workouts", "retired_by": "event_date",
         "staging": "stg_devices__workouts", "judged": "int_workout_events_judged", "silver": "int_workout_events_deduplicated",
         "happened_by": "event_date", "orphan_rule": "unknown_member", "orphan_of": "member_id"},
        {"name": "heart_rate", "source": "devices", "table": "bpm", "counted": "int_heart_rate_counted", "retired_by": "measured_date",
         "staging": "stg_devices__bpm", "judged": "int_heart_rate_judged", "silver": "int_heart_rate_deduplicated",
         "orphan_rule": "device_not_registered", "orphan_of": "device_id"},
        {"name": "machines", "source": "devices", "table": "machines", "dated_by": "cast(updated_at as date)",
         "staging": "stg_devices__machines", "judged": "int_machines_judged", "silver": "int_machines_deduplicated"},
        {"name": "equipment_sessions", "source": "devices", "table": "equipment_sessions",
         "staging": "stg_devices__equipment_sessions", "judged": "int_equipment_sessions_judged",
         "silver": "int_equipment_sessions_deduplicated",
         "happened_by": "session_date", "happened_in": "int_equipment_sessions_conformed"},
        {"name": "app_events", "source": "app", "table": "events", "retired_by": "occurred_date",
         "staging": "stg_app__events", "judged": "int_app_events_judged", "silver": "int_app_events_deduplicated",
         "happened_by": "event_date", "happened_in": "int_app_events_conformed"},
        {"name": "profile_changes", "source": "crm", "table": "profile_changes", "dated_by": "cast(changed_at as date)",
         "staging": "stg_crm__profile_changes", "judged": "int_member_profile_changes_judged",
         "silver": "int_member_profile_changes_deduplicated", "happened_by": "cast(changed_at as date)"},
        {"name": "lifelog", "source": "lifelog", "table": "daily", "retired_by": "activity_date", "dated_by": "activity_date",
         "staging": "stg_lifelog__daily", "judged": "int_lifelog_judged", "silver": "int_lifelog_deduplicated",
         "happened_by": "activity_date"},
        {"name": "plans", "source": "club", "table": "plans",
         "staging": "stg_club__plans", "judged": "int_plans_judged", "silver": "int_plans_deduplicated"},
        {"name": "memberships", "source": "club", "table": "memberships",
         "staging": "stg_club__memberships", "judged": "int_memberships_judged", "silver": "int_memberships_deduplicated"},
        {"name": "membership_events", "source": "club", "table": "membership_events",
         "staging": "stg_club__membership_events", "judged": "int_membership_events_judged", "silver": "int_membership_events_deduplicated",
         "happened_by": "cast(event_at as date)"},
        {"name": "cancellations", "source": "club", "table": "cancellations",
         "staging": "stg_club__cancellations", "judged": "int_cancellations_judged", "silver": "int_cancellations_deduplicated",
         "happened_by": "cast(requested_at as date)"},
        {"name": "invoices", "source": "club", "table": "invoices",
         "staging": "stg_club__invoices", "judged": "int_invoices_judged", "silver": "int_invoices_deduplicated",
         "happened_by": "invoiced_date"},
        {"name": "payments", "source": "club", "table": "payments",
         "staging": "stg_club__payments", "judged": "int_payments_judged", "silver": "int_payments_deduplicated",
         "happened_by": "paid_date", "happened_in": "int_payments_conformed"},
        {"name": "members", "source": "people", "table": "members",
         "staging": "stg_people__members", "judged": "int_members_judged", "silver": "int_members_registered"},
        {"name": "products", "source": "shop", "table": "products",
         "staging": "stg_shop__products", "judged": "int_products_judged", "silver": "int_products_deduplicated"},
        {"name": "sales", "source": "shop", "table": "sales",
         "staging": "stg_shop__sales", "judged": "int_sales_judged", "silver": "int_sales_deduplicated",
         "happened_by": "sale_date", "happened_in": "int_sales_conformed"},
        {"name": "refunds", "source": "shop", "table": "refunds",
         "staging": "stg_shop__refunds", "judged": "int_refunds_judged", "silver": "int_refunds_deduplicated",
         "happened_by": "refund_date", "happened_in": "int_refunds_conformed"},
        {"name": "instructors", "source": "club", "table": "instructors",
         "staging": "stg_club__instructors", "judged": "int_instructors_judged", "silver": "int_instructors_deduplicated"},
        {"name": "class_types", "source": "club", "table": "class_types",
         "staging": "stg_club__class_types", "judged": "int_class_types_judged", "silver": "int_class_types_deduplicated"},
        {"name": "class_sessions", "source": "club", "table": "class_sessions",
         "staging": "stg_club__class_sessions", "judged": "int_class_sessions_judged", "silver": "int_class_sessions_deduplicated"},
        {"name": "bookings", "source": "club", "table": "bookings",
         "staging": "stg_club__bookings", "judged": "int_bookings_judged", "silver": "int_bookings_deduplicated"},
        {"name": "class_check_ins", "source": "club", "table": "class_check_ins",
         "staging": "stg_club__class_check_ins", "judged": "int_class_check_ins_judged",
         "silver": "int_class_check_ins_deduplicated", "happened_by": "business_date", "happened_in": "int_class_check_ins_conformed"},
        {"name": "facility_entries", "source": "club", "table": "facility_entries",
         "staging": "stg_club__facility_entries", "judged": "int_facility_entries_judged",
         "silver": "int_facility_entries_deduplicated", "happened_by": "business_date",
         "happened_in": "int_facility_entries_conformed"},
        {"name": "class_feedback", "source": "feedback", "table": "class_feedback",
         "staging": "stg_feedback__class_feedback", "judged": "int_class_feedback_judged",
         "silver": "int_class_feedback_deduplicated"},
    ]) }}
{% endmacro %}
