"""The lifelog app."""
