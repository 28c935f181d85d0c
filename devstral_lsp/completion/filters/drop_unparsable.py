"""A suggestion must not introduce syntax errors."""

from __future__ import annotations

from dataclasses import replace

from devstral_lsp.completion.extent.standing import is_breaking, is_mending, is_whole
from devstral_lsp.completion.source import brackets, parsing, reading
from devstral_lsp.completion.types import CursorContext, Draft
from devstral_lsp.providers.base import FinishReason

_MAX_LENGTH = 6_000
"""Code points of a draft that is parsed: a longer one is hardly code, and takes long."""
_LINES_TRIED = 12
"""How many lines are taken back at most, for the same reason."""

_TRIES = 8
"""How often a line is shortened: each try costs a parse, and a model may repeat one bracket."""


def drop_unparsable(draft: Draft, place: CursorContext) -> Draft | None:
    """Keep what adds no syntax error: all lines, the first, its start, or nothing.

    If the model was cut off, or the user's text leaves a bracket or string open, the line may
    remain unfinished. A line that opens a block is parsed with an end of that block. If the code
    below does not parse, as in the middle of a change, only the code above counts; if neither
    parses, the draft stays as it is.
    A line with an error within a call is kept up to the error.

    Before: `x = 1⏎│` + `x = > 2`
    After:  nothing

    Before: `x = 1⏎│` + `print("x)`
    After:  nothing

    Before: `x = f(│` + `print("x)`
    After:  `print("x)`
    """
    if is_whole(draft, place) or is_mending(draft, place):
        return draft
    if _is_meant_to_end(draft, place) and is_breaking(draft, place):
        if "\n" in draft.text.strip():
            return _to_a_line_that_parses(draft, place)
        if _may_not_stay_open(draft, place) and not parsing.is_a_beginning(draft, place):
            return None
    tried = draft
    for _ in range(_TRIES):
        if (kept := _as_far_as_it_parses(tried, place)) is not None:
            return kept
        shorter = _up_to_a_bracket(tried)
        if shorter is None or is_breaking(replace(shorter, text=shorter.text + ")"), place):
            return None
        tried = shorter
    return None


def _is_meant_to_end(draft: Draft, place: CursorContext) -> bool:
    """Whether neither the model nor a filter cut the draft, and a parser may judge the language."""
    is_part = draft.may_end_anywhere or draft.goes_on or draft.finish is not FinishReason.STOP
    is_directive = parsing.is_directive(draft.text, place)
    return not (is_part or is_directive) and parsing.is_judged(place.language_id)


def _may_not_stay_open(draft: Draft, place: CursorContext) -> bool:
    """Whether a line that adds a syntax error is useless: it is open, or ends no statement. With
    nothing below, it may open a block or continue the user's line."""
    begins = not place.line_before.strip()
    if not reading.lines_below(place):
        return begins and not reading.opens_block(draft.text, place.language)
    ends_statement = draft.text.rstrip().endswith(";") and not place.language.block_end_keywords
    return _is_open(draft, place) or (begins and not ends_statement)


def _is_open(draft: Draft, place: CursorContext) -> bool:
    """Whether a line leaves brackets open, or ends in a string."""
    found = brackets.scan(draft.text, place.language)
    last = found.asides[-1] if found.asides else None
    return bool(brackets.unmatched(found.brackets)[0]) or (last is not None and last.is_open)


def _to_a_line_that_parses(draft: Draft, place: CursorContext) -> Draft | None:
    """Several lines up to the last one after which the code parses; None if there is none."""
    text = draft.text
    for _ in range(_LINES_TRIED):
        end = text.rstrip().rfind("\n")
        cut = reading.shorten(draft, end) if end > 0 else None
        if cut is None or not is_breaking(cut, place):
            return cut
        text = cut.text
    return None


def _as_far_as_it_parses(draft: Draft, place: CursorContext) -> Draft | None:
    """All lines, or the first one; None if both add syntax errors."""
    window = parsing.Window.around(place)
    if (
        draft.may_end_anywhere
        or draft.goes_on
        or len(draft.text) > _MAX_LENGTH
        or window.above[:1].isspace()
        or not parsing.is_judged(place.language_id)
        or parsing.is_a_beginning(draft, place)
    ):
        return draft
    finished = parsing.is_finished(draft, place)

    def parses(text: str, covers: int = 0) -> bool:
        after = window.faults(text, covers)
        if after is None or after.errors == 0:
            return True
        already = None if finished else window.faults()
        return already is not None and after.faults <= already.faults

    if any(parses(text, draft.replaces_after) for text in parsing.with_an_end(draft.text, place)):
        return draft
    is_sure = _is_meant_to_end(draft, place) and is_breaking(draft, place)
    judged_above = not window.is_clear() and not is_sure
    if judged_above and parsing.fits_what_is_above(draft, window, place):
        return draft
    first = draft.text.split("\n", 1)[0]
    if first.strip() and any(parses(text) for text in parsing.with_an_end(first, place)):
        return reading.shorten(draft, len(first))
    return None


def _up_to_a_bracket(draft: Draft) -> Draft | None:
    """The first line up to its last bracket; None if it has none."""
    start = len(draft.text) - len(draft.text.lstrip())
    line = draft.text[start:].split("\n", 1)[0]
    at = line.rfind("(", 0, -1)
    cut = reading.shorten(draft, start + at + 1) if at >= 0 else None
    return cut and replace(cut, goes_on=True)
