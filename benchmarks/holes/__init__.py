"""Suggestion quality against a real model: what the engine says where real code was cut out."""
