"""The log and the trace: what may be said of a request without its text, its paths or a key."""
