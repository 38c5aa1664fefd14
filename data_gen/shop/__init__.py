"""The shops at the clubs."""
