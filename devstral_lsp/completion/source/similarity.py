"""Compare lines for equality and near equality, in linear time."""

from __future__ import annotations

import re

_SHARE_CHANGED = 0.05
_NOISE = re.compile(r"\s+|[;,]\s*$")


def is_same_line(one: str, other: str) -> bool:
    """Whether the lines differ only in whitespace, kind of quotes, or a final `;` or `,`."""
    return one.strip() == other.strip() or _bare(one) == _bare(other) != ""


def is_similar_line(one: str, other: str) -> bool:
    """Whether the lines differ in one place, by at most 5 % of the line or one character.

    The length of that place bounds the Levenshtein distance.
    """
    if is_same_line(one, other):
        return True
    a, b = _bare(one), _bare(other)
    length = max(len(a), len(b))
    allowed = max(1, int(length * _SHARE_CHANGED))
    if abs(len(a) - len(b)) > allowed or length < 4:
        return False
    head = _common(a, b)
    return length - head - _common(a[head:][::-1], b[head:][::-1]) <= allowed


def _common(one: str, other: str) -> int:
    """The length of the common prefix."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _bare(line: str) -> str:
    return _NOISE.sub("", line).replace("'", '"')
