"""Models recite keys from their training data, or make up some that look real."""

from __future__ import annotations

from devstral_lsp.completion.filters import reading
from devstral_lsp.completion.filters.secrets import SECRET, may_hold_one
from devstral_lsp.completion.request import Draft, Place
from devstral_lsp.leaks import is_key

_HEAD = 200
"""Code points of the cursor's line that may name what the draft assigns."""


def cut_secrets(draft: Draft, place: Place) -> Draft | None:
    """Cut before the line that holds a secret which the document does not hold itself.

    Before: `API_KEY = "│` + `8f14e45fceea167a5a36dedd4bea2543"`
    After:  nothing

    Before: `│` + `debug = True⏎password = "c2VjcmV0LXBhc3N3b3Jk"`
    After:  `debug = True`
    """
    head = place.line_before[-_HEAD:]
    if not may_hold_one(head + draft.text):
        return draft
    for match in SECRET.finditer(head + draft.text):
        value = match["known"] or match["value"]
        if match.end() > len(head) and is_key(value) and not _holds(place, value):
            at = max(0, match.start() - len(head))
            return reading.shorten(draft, max(0, draft.text.rfind("\n", 0, at)))
    return draft


def _holds(place: Place, value: str) -> bool:
    return value in reading.before(place) or value in reading.after(place)
