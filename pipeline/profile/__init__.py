"""Where the time of the last build went: per table, and the chain that no thread shortens."""
