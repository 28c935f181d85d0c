"""Edits of a document, whoever proposes them: the smallest ones, their checks, moving them."""
