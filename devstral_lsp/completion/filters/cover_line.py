"""A block may not push what stands behind the cursor below its own last line."""

from __future__ import annotations

from dataclasses import replace

from devstral_lsp.completion.request_kind import is_inside_empty_braces
from devstral_lsp.completion.source import source_lines
from devstral_lsp.completion.source.closing import CLOSING, is_subsequence, overlap_with_line_end
from devstral_lsp.completion.types import CursorContext, Draft


def cover_line(draft: Draft, place: CursorContext) -> Draft | None:
    """Let several lines replace the rest of the cursor's line, or keep the first of them.

    Those of a block whose brace the editor has closed take the brace to a line of its own.

    Before (javascript): `if (a) {│}` + `⏎  go();`
    After:  `⏎  go();⏎}` over `}`

    Before: `x = f(│) + 1` + `a,⏎    b)`
    After:  `a,`
    """
    rest, text = place.line_after.rstrip(), draft.text.rstrip()
    if not rest or draft.replaces_after or "\n" not in text:
        return draft
    covered, end = overlap_with_line_end(draft, place)
    if is_inside_empty_braces(place) and covered < len(rest) and (not covered or end == len(text)):
        said = text if covered else f"{text}\n{place.indentation}"
        return replace(draft, text=said + rest[covered:], replaces_after=len(rest))
    if not rest[covered:].strip(CLOSING):
        return replace(draft, replaces_after=covered)
    if covered and is_subsequence(rest, draft.text):
        return replace(draft, replaces_after=len(rest))
    return source_lines.shorten(draft, draft.text.index("\n"))
