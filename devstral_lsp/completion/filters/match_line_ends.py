"""The displayed text must equal the inserted text: a CRLF document gets CRLF."""

from __future__ import annotations

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.types import CursorContext, Draft
from devstral_lsp.text import normalize_newlines


def match_line_ends(draft: Draft, place: CursorContext) -> Draft | None:
    """Use the line ends of the lines around the cursor.

    Before: `x = 1␍⏎│` + `y = 2⏎z = 3`
    After:  `y = 2␍⏎z = 3`
    """
    return reading.rewrite(draft, normalize_newlines(draft.text).replace("\n", place.newline))
