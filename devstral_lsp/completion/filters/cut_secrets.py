"""Models reproduce keys from their training data, or invent plausible ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.types import CursorContext, Draft

_LONG_WORD = re.compile(r"[\w+/=-]{10,}+")
_DIGIT = re.compile(r"\d")
"""Every secret has one, and few lines of code do: a cheap check before the thorough one."""
_MIN_LENGTH = 16
"""In code points: users may choose shorter values themselves."""
_HEAD = 200
"""Code points of the cursor's line that may name what the draft assigns."""


def cut_secrets(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut before a line with a secret that the document does not contain.

    Before: `API_KEY = "│` + `8f14e45fceea167a5a36dedd4bea2543"`
    After:  nothing

    Before: `│` + `debug = True⏎password = "c2VjcmV0LXBhc3N3b3Jk"`
    After:  `debug = True`
    """
    head = place.line_before[-_HEAD:]
    text = head + draft.text
    if not (_DIGIT.search(text) and _LONG_WORD.search(text)) and "PRIVATE KEY" not in text:
        return draft
    for start, end in _keys(text):
        if end > len(head) and not _holds(place, text[start:end]):
            at = max(0, start - len(head))
            return reading.shorten(draft, max(0, draft.text.rfind("\n", 0, at)))
    return draft


def _keys(text: str) -> Iterator[tuple[int, int]]:
    """The ranges of values that a user would not make up."""
    from devstral_lsp.secrets.blocks import PRIVATE_KEY  # these take their time to load
    from devstral_lsp.secrets.scan import find_secrets
    from devstral_lsp.secrets.values import is_certain

    yield from (match.span() for match in PRIVATE_KEY.finditer(text))
    for start, end in find_secrets(text):
        if end - start >= _MIN_LENGTH and is_certain(text[start:end]):
            yield start, end


def _holds(place: CursorContext, value: str) -> bool:
    return value in reading.before(place) or value in reading.after(place)
