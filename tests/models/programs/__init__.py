"""Programs that run outside the project's environment, in the one that `packages.py` makes."""
