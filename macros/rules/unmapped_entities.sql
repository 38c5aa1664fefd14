{#
  The values of exports that no list of ours knows, by where each is found: rows keep them, flagged, and here they are told.

  value     SQL of what the export said
  unmapped  SQL: whether no list knows it
  seen_by   SQL of the date of the row
  silver    the model that has all three

  `unmapped_values` is built from this list; add a line where a model gets another `is_unmapped…`.
#}
{% macro unmapped_entities() %}
    {{ return([
        {"source": "access", "table": "gym_logins", "column": "gym", "silver": "int_gym_logins_conformed",
         "value": "gym_id", "unmapped": "gym_id in (select gym_id from " ~ ref("int_locations_conformed") ~ " where is_unmapped)",
         "seen_by": "business_date"},
        {"source": "club", "table": "membership_events", "column": "plan_code", "silver": "int_membership_events_conformed",
         "value": "plan_code", "unmapped": "is_unmapped_plan", "seen_by": "effective_date"},
        {"source": "club", "table": "invoices", "column": "plan_code", "silver": "int_invoices_conformed",
         "value": "plan_code", "unmapped": "is_unmapped_plan", "seen_by": "invoiced_date"},
        {"source": "club", "table": "cancellations", "column": "reason", "silver": "int_cancellations_conformed",
         "value": "typed_reason", "unmapped": "is_unmapped_reason", "seen_by": "cast(requested_at as date)"},
        {"source": "club", "table": "class_sessions", "column": "class_type_code", "silver": "int_class_sessions_conformed",
         "value": "class_type_code", "unmapped": "is_unmapped_class_type", "seen_by": "class_date"},
        {"source": "club", "table": "class_sessions", "column": "instructor_id", "silver": "int_class_sessions_conformed",
         "value": "instructor_id", "unmapped": "is_unmapped_instructor", "seen_by": "class_date"},
        {"source": "club", "table": "class_sessions", "column": "gym", "silver": "int_class_sessions_conformed",
         "value": "gym_id", "unmapped": "is_unmapped_gym", "seen_by": "class_date"},
        {"source": "club", "table": "facility_entries", "column": "gym", "silver": "int_facility_entries_conformed",
         "value": "gym_id", "unmapped": "gym_id in (select gym_id from " ~ ref("int_locations_conformed") ~ " where is_unmapped)",
         "seen_by": "business_date"},
        {"source": "devices", "table": "machines", "column": "machine_type", "silver": "int_machines_conformed",
         "value": "machine_type", "unmapped": "is_known_machine and is_unmapped_machine_type", "seen_by": "installed_date"},
        {"source": "devices", "table": "equipment_sessions", "column": "machine_id", "silver": "int_equipment_sessions_conformed",
         "value": "machine_id", "unmapped": "not is_known_machine", "seen_by": "session_date"},
        {"source": "shop", "table": "sales", "column": "sku", "silver": "int_sales_conformed",
         "value": "sku", "unmapped": "is_unmapped_sku", "seen_by": "sale_date"},
        {"source": "club", "table": "membership_events", "column": "gym", "silver": "int_membership_events_conformed",
         "value": "gym_id", "unmapped": "not is_known_gym", "seen_by": "effective_date"},
        {"source": "club", "table": "invoices", "column": "gym", "silver": "int_invoices_conformed",
         "value": "gym_id", "unmapped": "not is_known_gym", "seen_by": "invoiced_date"},
        {"source": "shop", "table": "sales", "column": "gym", "silver": "int_sales_conformed",
         "value": "gym_id", "unmapped": "not is_known_gym", "seen_by": "sale_date"},
    ]) }}
{% endmacro %}
