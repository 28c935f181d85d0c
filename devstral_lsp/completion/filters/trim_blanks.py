"""Blanks at the end of a draft are never wanted, unless text follows the cursor on its line."""

from __future__ import annotations

import re

from devstral_lsp.completion.filters import reading
from devstral_lsp.completion.request import Draft, Place

_BLANK_LINES = re.compile(r"\n[ \t\n]*(\n[ \t]*)$")


def trim_blanks(draft: Draft, place: Place) -> Draft | None:
    """Cut blanks and blank lines at the end; before more text, keep one line end.

    Before: `return │` + `total␣␣⏎⏎`
    After:  `total`

    Before: `call(│ last)` + `first,␣`
    After:  `first,`
    """
    text = draft.text
    if not place.line_after.strip():
        return reading.rewrite(draft, text.rstrip(" \t\n"))
    if place.line_after[draft.covers :][:1] in (" ", "\t"):
        text = text.rstrip(" \t")
    return reading.rewrite(draft, _BLANK_LINES.sub(r"\1", text))
