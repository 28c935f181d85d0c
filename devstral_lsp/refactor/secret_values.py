"""Keys and passwords that a model recites or makes up, found in whole lines of code.

Knows strings only. What stands in the original already is nobody's business here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import log2

from devstral_lsp.leaks import KNOWN_SECRET, SECRET_NAME, is_key

_KNOWN = re.compile(KNOWN_SECRET)
_NAMED = re.compile(
    SECRET_NAME + r"[ \t]*(?::=|=>|[:=]|:[ \t]*[&\w]+[ \t]*=|,)[ \t]*"
    r"(?:[\"'`](?P<quoted>[^\"'`\s]{16,})[\"'`]|(?P<bare>[\w+/=-]{20,})[ \t]*$)",
    re.MULTILINE,
)
_TURN, _TURNS = re.compile(r"(?<=[A-Za-z])\d|(?<=\d)[A-Za-z]"), 6
"""From letters to digits and back: a bare word that turns so often is no name."""
_LOWEST_ENTROPY = 3.0
"""Bits per character of a value that was drawn at random; words and paths have less, or blanks."""


def holds_new_secret(code: str, original: str) -> bool:
    """Whether `code` holds a secret that `original` does not."""
    # Only new lines: an expression holds up every other thread until it is through a whole file.
    known = frozenset(original.split("\n"))
    lines = "\n".join(line for line in code.split("\n") if line not in known)
    return any(value not in original for value in _secrets(lines))


def _secrets(code: str) -> Iterator[str]:
    for match in _KNOWN.finditer(code):
        if is_key(match[0]):
            yield match[0]
    for match in _NAMED.finditer(code):
        value = match["quoted"] or match["bare"]
        is_drawn = is_key(value) and _entropy(value) >= _LOWEST_ENTROPY
        if is_drawn and (match["quoted"] or len(_TURN.findall(value)) >= _TURNS):
            yield value


def _entropy(value: str) -> float:
    shares = [value.count(each) / len(value) for each in set(value)]
    return -sum(share * log2(share) for share in shares)
