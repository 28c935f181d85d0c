"""Where places have gone by an edit that is not told one by one. Pure."""

from __future__ import annotations

from devstral_lsp.text import Edit


def map_offset(offset: int, edit: Edit) -> int:
    """Where `offset` has gone by `edit`; one inside of it to the end of the new text."""
    if offset <= edit.span.start:
        return offset
    shift = len(edit.text) - (edit.span.end - edit.span.start)
    return max(offset, edit.span.end) + shift
