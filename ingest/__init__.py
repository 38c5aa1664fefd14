"""Landing: dropped files in, raw Parquet out, by the contract that the dbt source files declare."""
