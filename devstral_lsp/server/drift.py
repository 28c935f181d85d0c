"""How a text has changed as a whole, where nobody has told the single edits. Pure."""

from __future__ import annotations

from devstral_lsp.text import Edit, Span, Text


def difference(before: Text, after: Text) -> Edit:
    """The one edit that makes `after` of `before`: what lies between their common ends."""
    old, new = str(before), str(after)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    return Edit(Span(start, len(old) - end), new[start : len(new) - end])


def _common(one: str, other: str) -> int:
    """How long their common beginning is: each round compares half of what the last one did."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def moved(offset: int, edit: Edit) -> int:
    """Where `offset` has gone by `edit`; one inside of it to the end of the new text."""
    if offset <= edit.span.start:
        return offset
    shift = len(edit.text) - (edit.span.end - edit.span.start)
    return max(offset, edit.span.end) + shift
