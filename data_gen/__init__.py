"""A simulated gym chain: writes what its source systems would export, with known defects and an answer key."""
