"""Find where a suggestion ends, by the syntax of the document with the draft in it."""
