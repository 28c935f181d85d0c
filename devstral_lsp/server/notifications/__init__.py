"""One file per notification, named after its method."""
