"""A model that was trained to chat wraps code in a Markdown fence."""

from __future__ import annotations

from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.fences import FENCE, first_fence, is_opening, is_own
from devstral_lsp.completion.types import CursorContext, Draft


def unwrap_fences(draft: Draft, place: CursorContext) -> Draft | None:
    """Keep the contents of a fence near the start; cut at a later fence.

    Prose and strings may hold fences of their own. After a line that opens a block, the line end
    after the opening fence is the one that the code lacks.

    Before: `def double(x):⏎    │` + ````python⏎return 2 * x⏎```⏎This doubles x.`
    After:  `return 2 * x⏎`

    Before: `total = 0│` + `⏎print(total)⏎```⏎`
    After:  `⏎print(total)⏎`
    """
    if "```" not in draft.text and "~~~" not in draft.text:
        return draft
    if is_own(draft.text, place) or brackets.aside_at_cursor(place):
        return draft
    fence = first_fence(draft, place)
    if fence is None:
        return draft
    if not is_opening(draft.text, fence):
        return reading.shorten(draft, fence.start())
    opens = reading.opens_block(place.line_before, place.language)
    held = draft.text[fence.end() + (not opens) :]
    unwrapped = reading.rewrite(draft, held)
    closing = FENCE.search(held)
    return unwrapped and reading.shorten(unwrapped, closing.start() if closing else len(held))
