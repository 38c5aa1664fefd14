"""The turnstiles."""
