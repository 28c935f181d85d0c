"""Context for what the cursor is about to write: the members of the receiver before the dot, the
signature of the called function, the methods to override. The entry point is `source.py`."""
