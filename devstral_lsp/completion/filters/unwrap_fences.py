"""A model that was trained to chat wraps code in a Markdown fence."""

from __future__ import annotations

import re

from devstral_lsp.completion.filters import brackets, reading
from devstral_lsp.completion.request import Draft, Place

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[\w+#.-]*[ \t]*$", re.MULTILINE)
_LEAD_LINES = 3
PROSE_LANGUAGES = frozenset({"markdown", "plain"})
"""Where a fence is the document's own."""


def unwrap_fences(draft: Draft, place: Place) -> Draft | None:
    """Keep what a fence near the start holds; cut at a fence that comes later.

    Prose and strings may hold fences of their own. Behind a line that opens a block, the line end
    that belongs to the fence is the missing one of the code.

    Before: `def double(x):⏎    │` + ````python⏎return 2 * x⏎```⏎This doubles x.`
    After:  `return 2 * x⏎`

    Before: `total = 0│` + `⏎print(total)⏎```⏎`
    After:  `⏎print(total)⏎`
    """
    if "```" not in draft.text and "~~~" not in draft.text:
        return draft
    if place.language.name in PROSE_LANGUAGES or brackets.aside_at_cursor(place):
        return draft
    fence = _first_fence(draft, place)
    if fence is None:
        return draft
    if not _is_opening(draft.text, fence):
        return reading.shorten(draft, fence.start())
    opens = reading.opens_block(place.line_before, place.language)
    held = draft.text[fence.end() + (not opens) :]
    unwrapped = reading.rewrite(draft, held)
    closing = _FENCE.search(held)
    return unwrapped and reading.shorten(unwrapped, closing.start() if closing else len(held))


def is_fence(line: str) -> bool:
    """Whether `line` opens or closes a Markdown fence."""
    return _FENCE.fullmatch(line) is not None


def _first_fence(draft: Draft, place: Place) -> re.Match[str] | None:
    text, offset = brackets.joined(draft, place)
    for fence in _FENCE.finditer(draft.text):
        aside = brackets.scan(text, place.language).aside_at(offset + fence.start())
        if aside is None or aside.opener == "`":
            return fence
    return None


def _is_opening(text: str, fence: re.Match[str]) -> bool:
    above = text[: fence.start()]
    if not above.strip():
        return True
    names_a_language = fence.group().strip(" \t`~") != ""
    return names_a_language and above.count("\n") <= _LEAD_LINES
