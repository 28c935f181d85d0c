"""A block may not push what stands behind the cursor below its own last line."""

from __future__ import annotations

from dataclasses import replace

from devstral_lsp.completion.filters import reading
from devstral_lsp.completion.filters.closing import CLOSING, covered_by, is_within
from devstral_lsp.completion.kind import in_closed_block
from devstral_lsp.completion.request import Draft, Place


def cover_line(draft: Draft, place: Place) -> Draft | None:
    """Let several lines replace the rest of the cursor's line, or keep the first of them.

    Those of a block whose brace the editor has closed take the brace to a line of its own.

    Before (javascript): `if (a) {│}` + `⏎  go();`
    After:  `⏎  go();⏎}` over `}`

    Before: `x = f(│) + 1` + `a,⏎    b)`
    After:  `a,`
    """
    rest, text = place.line_after.rstrip(), draft.text.rstrip()
    if not rest or draft.covers or "\n" not in text:
        return draft
    covered, end = covered_by(draft, place)
    if in_closed_block(place) and covered < len(rest) and (not covered or end == len(text)):
        said = text if covered else f"{text}\n{place.indentation}"
        return replace(draft, text=said + rest[covered:], covers=len(rest))
    if not rest[covered:].strip(CLOSING):
        return replace(draft, covers=covered)
    if covered and is_within(rest, draft.text):
        return replace(draft, covers=len(rest))
    return reading.shorten(draft, draft.text.index("\n"))
