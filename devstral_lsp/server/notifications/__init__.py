"""Handlers of the client's notifications, by theme. `routes.py` lists them by method."""
