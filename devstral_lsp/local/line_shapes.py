"""Adapt similar lines near the cursor by replacing their names with those of the cursor's line.

After `self.host = host`, the line `self.port = ` continues with `port`: the same punctuation with
other names.
"""

from __future__ import annotations

import re

from devstral_lsp.local.normalize import PIECE

_NAME = re.compile(r"\w+")

_MAX_LINES = 24
"""Maximum number of similar lines; the last ones count."""

_MAX_NAMES = 24
"""Maximum number of names in a line: the pattern would be slow to compile."""


def adapt_similar_lines(flat: str, partial: str, near: str) -> list[str]:
    """Continuations of the open line at the end of `flat`, from lines in `near` of the same shape.

    `flat` ends with `partial`, a word that is being typed. At the start of a line, the previous
    line gives the shape.
    """
    line, start_of_next = _model(flat[: len(flat) - len(partial)])
    names = _NAME.findall(line)
    if not 0 < len(names) <= _MAX_NAMES:
        return []
    shape = _NAME.sub(r"(\\w+)", re.escape(line)) + re.escape(start_of_next)
    pattern = f"\n.{shape}(.*)"
    found = []
    for match in list(re.finditer(pattern, near))[-_MAX_LINES:]:
        *theirs, rest = match.groups()
        rest = _rename(rest, dict(zip(theirs, names, strict=True)))
        if rest.startswith(partial):
            found.append(rest[len(partial) :])
    return found


def pieces(rests: list[str], written: str) -> list[str]:
    """The next piece of each continuation that starts with `written`."""
    found = []
    for rest in rests:
        if rest.startswith(written):
            match = PIECE.match(rest, len(written))
            found.append(match[0] if match else "\n")
    return found


def _model(flat: str) -> tuple[str, str]:
    """The line that gives the shape, and the line end and mark after it, if any."""
    start = flat.rfind("\n")
    if start > 0 and not flat[start + 2 :].strip():
        return flat[flat.rfind("\n", 0, start) + 2 : start], flat[start : start + 2]
    return flat[start + 2 :], ""


def _rename(rest: str, names: dict[str, str]) -> str:
    return _NAME.sub(lambda match: names.get(match[0], match[0]), rest)
