"""The commonest mistake of all: the model goes on until it writes what stands below the cursor."""

from __future__ import annotations

from functools import partial

from devstral_lsp.completion.extent.standing import is_whole
from devstral_lsp.completion.source import reading
from devstral_lsp.completion.source.duplicate_lines import TELLING, repeats_lines_below
from devstral_lsp.completion.source.similarity import is_same_line
from devstral_lsp.completion.types import CursorContext, Draft

_LINES_BELOW = 12

_CLOSING_TAIL = " \t)]};,:\"'`"


def cut_repeated_lines(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut where the draft writes the lines below the cursor, exactly or nearly.

    A line that only closes counts at the same indentation, if the draft did not open its block.

    Before: `a = 1⏎│⏎c = a + b` + `b = 2⏎c = a + b`
    After:  `b = 2`

    Before: `while (go) {⏎  │⏎}` + `step();⏎}`
    After:  `step();`
    """
    below = reading.lines_below(place)[:_LINES_BELOW]
    if not below or place.line_after.strip(_CLOSING_TAIL):
        return draft
    starts = reading.line_starts(draft.text)
    lines = draft.text.split("\n")
    if place.line_before.strip() and is_same_line(lines[0], below[0]) and TELLING.match(lines[0]):
        return None
    goes_on = place.line_before.strip() != ""
    may_repeat = not goes_on or (
        lines[0].strip() and is_same_line(place.line_before + lines[0], below[0])
    )
    lines[0] = place.line_before + lines[0]
    whole = partial(is_whole, draft, place)
    for i, line in enumerate(lines):
        if (
            line.strip()
            and (i or may_repeat)
            and repeats_lines_below(lines, i, below, place, whole)
        ):
            cut = reading.shorten(draft, max(0, starts[i] - 1))
            return cut and cut_repeated_lines(cut, place)
    return draft
