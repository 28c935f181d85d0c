"""Measurements of what a user feels. Figures live here, never in the tests."""
