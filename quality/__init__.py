"""The gate between building and publishing: Soda contracts over the tables that dbt built."""

import os

# Soda reads this when it is imported; with telemetry on, each call waits for a server that may not be there.
os.environ.setdefault("SODA_CORE_TELEMETRY_ENABLED", "false")
