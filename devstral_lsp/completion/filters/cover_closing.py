"""Editors type the closing bracket or quote with the opening one; models type it again."""

from __future__ import annotations

from dataclasses import replace

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.source.closing import CLOSING, closings, overlap_with_line_end
from devstral_lsp.completion.types import CursorContext, Draft


def cover_closing(draft: Draft, place: CursorContext) -> Draft | None:
    """Count closing brackets and quotes against those right after the cursor, in a single line.

    What it ends with a second time is cut; otherwise the draft replaces (`covers`) it.

    Before: `print(│)` + `total)`
    After:  `total`

    Before: `def area(│):` + `w, h) -> int:`
    After:  `w, h) -> int:` over `):`

    Before: `print(max(│)` + `a, b)`
    After:  `a, b)`
    """
    rest, text = place.line_after.rstrip(), draft.text.rstrip()
    if not rest or draft.replaces_after or "\n" in text:
        return draft
    covered, end = overlap_with_line_end(draft, place)
    if covered and end == len(text) and text.endswith(rest[:covered]):
        return _cut(draft, end - covered, place)
    said = closings(draft, place)
    if said and not covered and said[0][0] in rest and rest.strip(CLOSING):
        return _cut(draft, said[0][1], place)
    return replace(draft, replaces_after=covered)


def _cut(draft: Draft, end: int, place: CursorContext) -> Draft | None:
    kept = reading.shorten(draft, end)
    return kept and cover_closing(kept, place)
