"""Models recite keys from their training data, or make up some that look real."""

from __future__ import annotations

import re

from devstral_lsp.completion.filters import reading
from devstral_lsp.completion.request import Draft, Place

_KNOWN_FORMS = (
    r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|\bgithub_pat_\w{30,}"
    r"|\bglpat-[\w-]{20,}"
    r"|\bsk-[A-Za-z0-9_-]{20,}|\b[sr]k_(?:live|test)_[A-Za-z0-9]{20,}"
    r"|\bxox[abprs]-[\w-]{10,}"
    r"|\bAIza[\w-]{30,}"
    r"|\b(?:hf|npm)_[A-Za-z0-9]{30,}"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}"
)
_NAMED = (
    r"(?i:api[_-]?key|secret|token|passw(?:or)?d|private[_-]?key|access[_-]?key|auth[_-]?key"
    r"|credential)[\w-]{0,24}[\"'\]]{0,2}[ \t]*(?:[:=]|=>|:=|:[ \t]*\w+[ \t]*=)[ \t]*[\"'`]?"
    r"(?P<value>[A-Za-z0-9+/_=-]{20,})"
)
_SECRET = re.compile(f"(?P<known>{_KNOWN_FORMS})|{_NAMED}")
_LONG_WORD = re.compile(r"[\w+/=-]{10,}")
"""What every secret has, and few lines of code: a cheap look before the thorough one."""

_DIGIT = re.compile(r"\d")
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
    if not _may_hold_one(head + draft.text):
        return draft
    for match in _SECRET.finditer(head + draft.text):
        value = match["known"] or match["value"]
        if match.end() > len(head) and _is_secret(match, value) and not _holds(place, value):
            at = max(0, match.start() - len(head))
            return reading.shorten(draft, max(0, draft.text.rfind("\n", 0, at)))
    return draft


def _may_hold_one(text: str) -> bool:
    words = _LONG_WORD.findall(text)
    return "PRIVATE KEY" in text or any(
        not word.isalpha() and _DIGIT.search(word) for word in words
    )


def _is_secret(match: re.Match[str], value: str) -> bool:
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    varied = len(set(value)) >= 8
    if match["known"] is None:
        return mixed and varied
    return (varied and any(c.isdigit() for c in value)) or "BEGIN" in value


def _holds(place: Place, value: str) -> bool:
    return value in reading.before(place) or value in reading.after(place)
