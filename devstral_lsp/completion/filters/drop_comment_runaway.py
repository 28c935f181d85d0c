"""Where code was expected, some models write comments about comments."""

from __future__ import annotations

from devstral_lsp.completion.source import brackets
from devstral_lsp.completion.types import CursorContext, Draft

_MANY = 3


def drop_comment_runaway(draft: Draft, place: CursorContext) -> Draft | None:
    """Drop three or more lines of nothing but comments that are empty or repeat each other.

    Before: `total = 0⏎│` + `# add the numbers⏎# then add⏎# add the numbers⏎# then add`
    After:  nothing
    """
    marker = place.language.line_comment
    lines = [line.strip() for line in draft.text.split("\n") if line.strip()]
    if not marker or len(lines) < _MANY or not all(line.startswith(marker) for line in lines):
        return draft
    if brackets.aside_at_cursor(place):
        return draft
    said = {line.strip(marker[0] + " -*=!.").lower() for line in lines} - {""}
    non_empty = [line for line in lines if line.strip(marker[0] + " -*=!.")]
    return draft if len(said) * 2 > max(len(non_empty), len(lines) // 2) else None
