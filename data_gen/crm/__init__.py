"""The CRM, which knows the members' profiles."""
