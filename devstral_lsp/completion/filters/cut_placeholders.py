"""Models trained on edits write "rest of the code" where code should stand."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.types import CursorContext, Draft

_PLACEHOLDER = re.compile(
    r"^[ \t]*(?:\{?/\*|//|#|--|<!--)[ \t]*+(?:\.\.\.|…)?[ \t]*+"
    r"(?:(?:the )?(?:rest|remainder) of (?:the|your) (?:code|file|function|class|implementation)"
    r"|(?:your|existing|remaining|previous|other) (?:code|implementation|logic)(?: (?:goes|here))?"
    r"|(?:add|insert|put|write) your (?:code|implementation|logic)"
    r"|implementation (?:goes )?here"
    r"|end of (?:file|code|snippet))[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)


def cut_placeholders(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut at a comment that only stands for code, unless the document has such comments.

    Before: `def area(self):│` + `⏎    # Your code here⏎    pass`
    After:  nothing
    """
    match = _PLACEHOLDER.search(draft.text)
    if match is None or _PLACEHOLDER.search(reading.before(place)):
        return draft
    return reading.shorten(draft, match.start())
