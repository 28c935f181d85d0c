"""One file per request, named after its method."""
