"""The management system."""
