"""Small models and greedy decoding run into loops that only the token limit ends."""

from __future__ import annotations

from devstral_lsp.completion.extent.standing import is_whole
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.repetition import (
    end_of_first_remark,
    first_cycle_end,
    first_unit_end,
)
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft

_NESTING = ("(", "[")


def cut_runaway_repetition(draft: Draft, place: CursorContext) -> Draft | None:
    """Keep one copy of a line that occurs four times in a row, of a group of lines that occurs
    three times, of a looping end, and of three sentences of a comment that start alike.

    Rows of numbers and rulers of dashes repeat for good reasons.

    Before: `│` + `step()⏎wait(1)⏎wait(1)⏎wait(1)⏎wait(1)`
    After:  `step()⏎wait(1)`

    Before: `greeting = "│"` + `very very very very very very very`
    After:  `very`

    Before: `│` + `a = 1  # All set. Do not use it here. Do not use it there. Do not use it again.`
    After:  `a = 1  # All set. Do not use it here.`
    """
    if draft.kind is CompletionKind.STATEMENT and is_whole(draft, place):
        return draft
    cut = reading.shorten(draft, first_cycle_end(draft.text))
    cut = cut and reading.shorten(cut, end_of_first_remark(cut, place))
    if cut is None or (end := first_unit_end(cut.text)) == len(cut.text):
        return cut
    line = cut.text.rfind("\n", 0, end)
    # Endlessly nested calls: no part of such a line is worth keeping.
    scanned = brackets.scan(cut.text[line + 1 : end], place.language)
    opened = brackets.unmatched(scanned.brackets)[0]
    in_string = bool(scanned.asides) and scanned.asides[-1].is_open
    is_nested = bool(opened) and opened[-1].character in _NESTING and not in_string
    return reading.shorten(cut, line if is_nested and cut.text[: max(0, line)].strip() else end)
