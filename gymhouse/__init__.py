"""Ground that every part of the project stands on: where state lives, how files are committed, how we speak."""
