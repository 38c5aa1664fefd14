"""The questionnaires after classes."""
