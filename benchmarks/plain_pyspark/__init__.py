"""The same silver and gold by plain PySpark, beside our build."""
