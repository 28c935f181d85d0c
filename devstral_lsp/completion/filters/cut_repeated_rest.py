"""With text after the cursor, models complete the line and repeat that text."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.types import CursorContext, Draft

_TELLING = re.compile(r"\w\W*\w\W*\w")
_WORD = re.compile(r"\w")
_MAX_LENGTH = 200


def cut_repeated_rest(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut the end of the draft where it repeats the rest of the cursor's line, or its start.

    Before: `connect(│, timeout=3)` + `host, port, timeout=3)`
    After:  `host, port`

    Before: `user.│name.lower()` + `name`
    After:  nothing
    """
    rest = place.line_after.strip()[:_MAX_LENGTH]
    if not _WORD.search(rest):
        return draft
    first = draft.text.split("\n", 1)[0].rstrip()
    end = _without_rest(first, rest, "\n" not in draft.text)
    if end == len(first):
        return draft
    cut = reading.shorten(draft, end)
    return cut and cut_repeated_rest(cut, place)


def _without_rest(first: str, rest: str, may_be_part: bool) -> int:
    """Where `first` starts to repeat `rest`, or a part of it; its end if it does not."""
    for size in range(min(len(rest), len(first)), 2, -1) if may_be_part else [len(rest)]:
        said, start = rest[:size], len(first) - size
        if first.endswith(said) and (size == len(rest) or _TELLING.search(said)):
            return start if _at_boundary(rest, size) and _at_boundary(first, start) else len(first)
    return len(first)


def _at_boundary(text: str, position: int) -> bool:
    return not (
        0 < position < len(text) and _WORD.match(text[position - 1]) and _WORD.match(text[position])
    )
