"""A block must not push the text after the cursor below its own last line."""

from __future__ import annotations

from dataclasses import replace

from devstral_lsp.completion.extent.standing import faults, is_better
from devstral_lsp.completion.filters.cut_overlapping_rest import cut_overlapping_rest
from devstral_lsp.completion.request_kind import (
    is_inside_empty_braces,
    is_value_within_line,
    only_closes_after,
)
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.closing import CLOSING, is_subsequence, overlap_with_line_end
from devstral_lsp.completion.types import CursorContext, Draft


def cover_line(draft: Draft, place: CursorContext) -> Draft | None:
    """Let several lines replace the rest of the cursor's line, or keep the first of them.

    Those of a block whose brace the editor has closed take the brace to a line of its own.

    Before (javascript): `if (a) {│}` + `⏎  go();`
    After:  `⏎  go();⏎}` over `}`

    Before: `x = f(│) + 1` + `a,⏎    b)`
    After:  `a,`

    Before (javascript): `f(│, 1);` + `() => {⏎  go();⏎}, 1);`
    After:  `() => {⏎  go();⏎}`
    """
    rest, text = place.line_after.rstrip(), draft.text.rstrip()
    if not rest or draft.replaces_after or "\n" not in text:
        return draft
    covered, end = overlap_with_line_end(draft, place)
    is_block = is_inside_empty_braces(place) and draft.text.lstrip(" \t").startswith("\n")
    if is_block and covered < len(rest) and (not covered or end == len(text)):
        said = text if covered else f"{text}\n{place.indentation}"
        return replace(draft, text=said + rest[covered:], replaces_after=len(rest))
    if only_closes_after(place) and (fitting := _fitting(draft, place, covered)) is not None:
        return fitting
    if not rest[covered:].strip(CLOSING):
        return replace(draft, replaces_after=covered)
    if covered and is_subsequence(rest, draft.text):
        return replace(draft, replaces_after=len(rest))
    value = cut_overlapping_rest(draft, place) if is_value_within_line(place) else None
    first = reading.shorten(draft, draft.text.index("\n"))
    if value is None or any(brackets.unmatched(brackets.scan(value.text, place.language).brackets)):
        return first
    return first if first and is_better(first, value, place) else value


def _fitting(draft: Draft, place: CursorContext, said: int) -> Draft | None:
    """The draft over as much of the rest of the line as parses best, of equals over what it has
    `said`; None without a parser."""
    rest = place.line_after.rstrip()
    over = [replace(draft, replaces_after=covers) for covers in (said, 0, *range(len(rest), 0, -1))]
    counted = [faults(each, place) for each in over]
    best = min((count for count in counted if count is not None), default=None)
    return None if best is None else over[counted.index(best)]
