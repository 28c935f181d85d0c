"""SentencePiece models begin a text with a space that is part of the word."""

from __future__ import annotations

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.types import CursorContext, Draft


def drop_doubled_blank(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop one leading space if there is one before the cursor already.

    More than one is alignment; at the start of a line it is indentation; before a comment, style.

    Before: `return │` + `␣x`
    After:  `x`
    """
    text, line = draft.text, place.line_before
    if not line.strip() or line[-1] not in " \t" or not text.startswith(" "):
        return draft
    said = text[1:]
    marker = place.language.line_comment
    if said[:1] in (" ", "\t", "\n") or (marker and said.startswith(marker)):
        return draft
    return reading.rewrite(draft, said)
