"""Published data: immutable copies of gated gold tables, one of them live."""
