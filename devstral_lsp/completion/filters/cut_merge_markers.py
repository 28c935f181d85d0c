"""Repositories hold files with unresolved conflicts, and models have read them."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.fences import PROSE_LANGUAGES
from devstral_lsp.completion.types import CursorContext, Draft
from devstral_lsp.text import CONFLICT_MARKER


def cut_merge_markers(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut at the first conflict marker, unless the document has an open conflict itself.

    A row of seven `=` alone underlines a heading where text is written.

    Before: `x = 1│` + `⏎<<<<<<< HEAD⏎y = 2⏎=======⏎y = 3⏎>>>>>>> topic`
    After:  nothing
    """
    markers = list(CONFLICT_MARKER.finditer(draft.text))
    if not markers or re.search(r"^<{7} ", reading.before(place), re.MULTILINE):
        return draft
    only_underlines = all(match.group() == "=" * 7 for match in markers)
    if only_underlines and (
        place.language.name in PROSE_LANGUAGES or brackets.aside_at_cursor(place)
    ):
        return draft
    return reading.shorten(draft, markers[0].start())
