"""The commands for a terminal."""
