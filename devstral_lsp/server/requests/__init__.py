"""Handlers of the client's requests, one file for each. `routes.py` lists them by method."""
