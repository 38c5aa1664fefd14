"""The members' app."""
