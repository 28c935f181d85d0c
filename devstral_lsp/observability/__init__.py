"""Logging and tracing, without source text, paths or keys."""
