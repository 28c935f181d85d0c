"""A single letter of ghost text costs more attention than it saves."""

from __future__ import annotations

from devstral_lsp.completion.types import CursorContext, Draft

_FIRST_OF_WORDS = "\u2e80"
"""From this code point on a single character may be a word, as in Chinese."""

_FINISHING = frozenset(")]}:;\"'`>")


def drop_tiny(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop what shows nothing, or a single character that does not finish anything.

    Before: `retur│` + `n`
    After:  nothing

    Before: `# 计算两个数的│` + `和`
    After:  `和`

    Before: `print(x│` + `)`
    After:  `)`
    """
    visible = "".join(draft.text.split())
    if len(visible) >= 2 or visible in _FINISHING or visible >= _FIRST_OF_WORDS:
        return draft
    if (
        visible.isalnum()
        and place.line_before[-1:] in tuple(" \t([,")
        and place.line_before.strip()
    ):
        return None if place.line_after.strip() else draft  # all that there is left to say
    return None
