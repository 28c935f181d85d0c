"""Moves edits along with later edits of the same text.

An edit moves where the lines that it touches and the line on either side are unchanged; otherwise
there is no place for it. Offsets are code points.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.edits.line_edits import lines_of
from devstral_lsp.edits.patience_diff import Match, matching_blocks
from devstral_lsp.text import Edit, Span, Text

_TOP, _BOTTOM = "\0top\n", "\0bottom\n"
"""Stand for what is beyond the first and the last line: to insert there is to touch it."""


def rebase_edits(edits: Sequence[Edit], old: Text, new: Text) -> tuple[Edit, ...] | None:
    """The same edits in `new`; None where lines that one touches in `old` have changed."""
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
