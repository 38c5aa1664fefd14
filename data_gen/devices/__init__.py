"""Wearables and machines, and what they send."""
