"""Completes from the user's own code, without a model or an endpoint."""
