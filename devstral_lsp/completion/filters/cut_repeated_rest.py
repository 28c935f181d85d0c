"""With text behind the cursor, models write to the end of the line and say that text again."""

from __future__ import annotations

import re

from devstral_lsp.completion.filters import reading
from devstral_lsp.completion.request import Draft, Place

_TELLING = re.compile(r"\w\W*\w\W*\w")
_WORD = re.compile(r"\w")
_LONGEST = 200


def cut_repeated_rest(draft: Draft, place: Place) -> Draft | None:
    """Cut the end of the draft where it is the rest of the cursor's line, or how that begins.

    Before: `connect(│, timeout=3)` + `host, port, timeout=3)`
    After:  `host, port`

    Before: `user.│name.lower()` + `name`
    After:  nothing
    """
    rest = place.line_after.strip()[:_LONGEST]
    if not _WORD.search(rest):
        return draft
    first = draft.text.split("\n", 1)[0].rstrip()
    if first.endswith(rest) and _at_boundary(first, len(first) - len(rest)):
        return reading.shorten(draft, len(first) - len(rest))
    if "\n" in draft.text:
        return draft
    for size in range(min(len(rest), len(first)), 2, -1):
        said = rest[:size]
        if first.endswith(said) and _TELLING.search(said):
            whole = _at_boundary(rest, size) and _at_boundary(first, len(first) - size)
            return reading.shorten(draft, len(first) - size) if whole else draft
    return draft


def _at_boundary(text: str, position: int) -> bool:
    return not (
        0 < position < len(text) and _WORD.match(text[position - 1]) and _WORD.match(text[position])
    )
