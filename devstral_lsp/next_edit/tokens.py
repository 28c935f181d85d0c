"""Splits lines into tokens and compares them.

The same approximation for every language: names, numbers, runs of whitespace, single other
characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r"[^\W\d]\w*|\d\w*|[ \t]+|[^\w \t]")
MAX_TOKENS = 300
"""Of a line that is compared, which takes quadratic time."""

MAX_COMPARED = 500
"""Code points of a line that are considered for similarity, which takes quadratic time."""


@dataclass(frozen=True, slots=True)
class TokenEdit:
    """Tokens from `start` to `end` of the old line, and the tokens that took their place."""

    start: int
    end: int
    old: tuple[str, ...]
    new: tuple[str, ...]


def split_tokens(line: str) -> list[str]:
    """The tokens of `line`; joined, they are the line."""
    return _TOKEN.findall(line)


def is_name(token: str) -> bool:
    """Whether a token is a name."""
    return token[:1].isidentifier()


def token_edits(old: str, new: str) -> tuple[TokenEdit, ...]:
    """The edits from `old` to `new`, in order; () if they are equal, or too long to compare.

    Edits with only whitespace between them are merged.
    """
    before, after = split_tokens(old), split_tokens(new)
    if max(len(before), len(after)) > MAX_TOKENS:
        return ()
    shorter = min(len(before), len(after))
    head = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if before[-1 - n] != after[-1 - n]), rest)
    middle, new_middle = before[head : len(before) - tail], after[head : len(after) - tail]
    spans: list[tuple[int, int, int, int]] = []
    matcher = SequenceMatcher(None, middle, new_middle, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        if spans and not "".join(middle[spans[-1][1] : start]).strip():
            start, _, new_start, _ = spans.pop()
        spans.append((start, end, new_start, new_end))
    return tuple(
        TokenEdit(head + start, head + end, tuple(middle[start:end]), tuple(new_middle[first:last]))
        for start, end, first, last in spans
    )


def similarity(one: str, other: str) -> float:
    """The share of tokens that two lines have in common, from 0 to 1, ignoring whitespace."""
    left = [token for token in split_tokens(one[:MAX_COMPARED]) if not token.isspace()]
    right = [token for token in split_tokens(other[:MAX_COMPARED]) if not token.isspace()]
    if not left or not right:
        return float(left == right)
    rest = list(right)
    shared = 0
    for token in left:
        if token in rest:
            rest.remove(token)
            shared += 1
    return 2 * shared / (len(left) + len(right))
