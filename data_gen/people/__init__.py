"""The management system's list of members."""
