"""A suggestion after which less of the code parses than before is no suggestion."""

from __future__ import annotations

from devstral_lsp.completion.source import parse_check, source_lines
from devstral_lsp.completion.types import CursorContext, Draft

_LONGEST = 6_000
"""Code points of a draft that is judged: what is longer is hardly code, and takes its time."""
_TRIES = 8
"""How often a line is shortened: each time costs a parse, and a model may repeat one bracket."""


def drop_unparsable(draft: Draft, place: CursorContext) -> Draft | None:
    """Keep what leaves the code without an error: all lines, the first, its start, or nothing.

    Where the model was cut, or a bracket or string is open, the line may stay as unfinished as the
    user's own was. What opens a block is judged with an end. Where the code below does not parse,
    as in the middle of a change, the code above has the say; where neither does, nothing is judged.
    A line that goes wrong within a call is kept up to there.

    Before: `x = 1⏎│` + `x = > 2`
    After:  nothing

    Before: `x = 1⏎│` + `print("x)`
    After:  `print(`
    """
    tried = draft
    for _ in range(_TRIES):
        if (kept := _as_far_as_it_parses(tried, place)) is not None:
            return kept
        if (shorter := _up_to_a_bracket(tried)) is None:
            return None
        tried = shorter
    return None


def _as_far_as_it_parses(draft: Draft, place: CursorContext) -> Draft | None:
    """All lines, or the first; None where neither leaves the code as well as it was."""
    window = parse_check.Window.around(place)
    if (
        draft.may_end_anywhere
        or len(draft.text) > _LONGEST
        or window.above[:1].isspace()
        or not parse_check.can_be_checked(place.language_id)
        or parse_check.is_incomplete_prefix(draft, place)
    ):
        return draft
    finished = parse_check.is_finished(draft, place)

    def parses(text: str, covers: int = 0) -> bool:
        after = window.faults(text, covers)
        if after is None or after.errors == 0:
            return True
        already = None if finished else window.faults()
        return already is not None and after.faults <= already.faults

    if any(
        parses(text, draft.replaces_after)
        for text in parse_check.complete_last_line(draft.text, place)
    ):
        return draft
    if not window.is_clear() and parse_check.parses_after_context(draft, window, place):
        return draft
    first = draft.text.split("\n", 1)[0]
    if first.strip() and any(parses(text) for text in parse_check.complete_last_line(first, place)):
        return source_lines.shorten(draft, len(first))
    return None


def _up_to_a_bracket(draft: Draft) -> Draft | None:
    """The first line up to the last bracket within it; None without one."""
    start = len(draft.text) - len(draft.text.lstrip())
    line = draft.text[start:].split("\n", 1)[0]
    at = line.rfind("(", 0, -1)
    return source_lines.shorten(draft, start + at + 1) if at >= 0 else None
