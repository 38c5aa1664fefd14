"""Parity: the tables that two engines built from one lake, compared row for row."""
