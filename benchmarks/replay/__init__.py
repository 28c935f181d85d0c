"""Types real code into a language server, key by key, against a fake model. See `__main__`."""
