"""Edits for a text that has moved on since they were made.

They are moved along where nobody touched the lines that they touch, nor the line on either side;
otherwise there are none. Offsets are code points.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.edits.line_edits import lines_of
from devstral_lsp.edits.patience_diff import Match, matching_blocks
from devstral_lsp.text import Edit, Span, Text

_TOP, _BOTTOM = "\0top\n", "\0bottom\n"
"""Stand for what is beyond the first and the last line: to insert there is to touch it."""


def rebase_edits(edits: Sequence[Edit], old: Text, new: Text) -> tuple[Edit, ...] | None:
    """The same edits in `new`; None where what they touch in `old` is not there any more."""
    if old == new:
        return tuple(edits)
    same = matching_blocks(_lines(old), _lines(new))
    moved = [_moved(edit, old, new, same) for edit in edits]
    return None if None in moved else tuple(edit for edit in moved if edit is not None)


def _lines(text: Text) -> list[str]:
    return [_TOP, *(str(line) for line in lines_of(str(text))), _BOTTOM]


def _moved(edit: Edit, old: Text, new: Text, same: Sequence[Match]) -> Edit | None:
    first = old.line_of(edit.span.start)
    last = max(first, old.line_of(max(edit.span.start, edit.span.end - 1)))
    bottom = same[-1].old + same[-1].size - 1
    # With the sentinel at the top, `first` is the place of the line before the first one.
    beyond = min(last + 2, bottom)
    for match in same:
        if match.old <= first and beyond < match.old + match.size:
            line = first + match.new - match.old
            shift = new.line_start(line) - old.line_start(first)
            return Edit(Span(edit.span.start + shift, edit.span.end + shift), edit.text)
    return None
