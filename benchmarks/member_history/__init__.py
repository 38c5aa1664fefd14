"""A long log of profile changes, delivered late, twice and out of order, and every version of it recovered."""
