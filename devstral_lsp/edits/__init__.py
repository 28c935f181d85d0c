"""Edits of a document, whatever proposes them: minimal edits, their checks, moving them."""
