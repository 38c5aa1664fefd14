"""The chain itself: its parameters, days, clocks, members and visits."""
