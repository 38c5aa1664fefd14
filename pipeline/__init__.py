"""The daily run: every step in order under a lock, with a report that says what was made and what went wrong."""
