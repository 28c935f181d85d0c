"""Trailing whitespace is unwanted, unless text follows the cursor on its line."""

from __future__ import annotations

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.types import CursorContext, Draft


def trim_blanks(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut trailing whitespace and blank lines; before more text, keep one line end.

    Before: `return │` + `total␣␣⏎⏎`
    After:  `total`

    Before: `call(│ last)` + `first,␣`
    After:  `first,`
    """
    text = draft.text
    if not place.line_after[draft.replaces_after :].strip():
        return reading.rewrite(draft, text.rstrip(" \t\n"))
    if place.line_after[draft.replaces_after :][:1] in (" ", "\t"):
        text = text.rstrip(" \t")
    return reading.rewrite(draft, _with_one_line_end(text))


def _with_one_line_end(text: str) -> str:
    """`text` without trailing blank lines; whitespace after the last line end stays."""
    said = len(text.rstrip(" \t\n"))
    first, last = text.find("\n", said), text.rfind("\n", said)
    return text[:first] + text[last:] if first < last else text
