"""Lines near the cursor that have the shape of the cursor's line, with its own names put in.

After `self.host = host`, the line `self.port = ` goes on with `port`: the same punctuation, other
names. Knows no index.
"""

from __future__ import annotations

import re

from devstral_lsp.local.normalize import PIECE

_NAME = re.compile(r"\w+")

_MOST_LINES = 24
"""Lines of the same shape that count, the last ones."""

_MOST_NAMES = 24
"""A line with more names is not compared: the pattern would be slow to make."""


def adapt_similar_lines(flat: str, partial: str, near: str) -> list[str]:
    """How the open line at the end of `flat` goes on after lines in `near` of the same shape.

    `flat` ends with `partial`, a word being typed. At the start of a line, the line before it
    gives the shape.
    """
    line, start_of_next = _model(flat[: len(flat) - len(partial)])
    names = _NAME.findall(line)
    if not 0 < len(names) <= _MOST_NAMES:
        return []
    shape = _NAME.sub(r"(\\w+)", re.escape(line)) + re.escape(start_of_next)
    pattern = f"\n.{shape}(.*)"
    found = []
    for match in list(re.finditer(pattern, near))[-_MOST_LINES:]:
        *theirs, rest = match.groups()
        rest = _renamed(rest, dict(zip(theirs, names, strict=True)))
        if rest.startswith(partial):
            found.append(rest[len(partial) :])
    return found


def pieces(rests: list[str], written: str) -> list[str]:
    """The next piece of each continuation that has begun with `written`."""
    found = []
    for rest in rests:
        if rest.startswith(written):
            match = PIECE.match(rest, len(written))
            found.append(match[0] if match else "\n")
    return found


def _model(flat: str) -> tuple[str, str]:
    """The line that gives the shape, and the line end and mark after it, if there is one."""
    start = flat.rfind("\n")
    if start > 0 and not flat[start + 2 :].strip():
        return flat[flat.rfind("\n", 0, start) + 2 : start], flat[start : start + 2]
    return flat[start + 2 :], ""


def _renamed(rest: str, names: dict[str, str]) -> str:
    return _NAME.sub(lambda match: names.get(match[0], match[0]), rest)
