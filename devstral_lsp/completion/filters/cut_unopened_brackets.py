"""Nothing after an unmatched closing bracket can be right."""

from __future__ import annotations

from functools import partial
from itertools import takewhile

from devstral_lsp.completion.extent.standing import is_better, is_bracket
from devstral_lsp.completion.extent.standing import is_whole as stands_whole
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.source.closing import closed_below, pop_innermost
from devstral_lsp.completion.types import CursorContext, Draft


def cut_unopened_brackets(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut at a closing bracket that neither the draft nor the document left to be closed.

    Before: `x = f(1)│` + `.strip())⏎y = 2`
    After:  `.strip()`

    Before (go): `if ok {⏎→│⏎}⏎run()` + `stop()⏎}`
    After:  `stop()⏎`
    """
    if place.language.has_lone_brackets:
        return draft
    draft = _without_closed_below(draft, place)
    before = reading.before(place)
    is_whole = len(place.before) <= reading.WINDOW
    text, offset = brackets.joined(draft, place)
    reopened, unopened = brackets.unmatched(brackets.scan(text, place.language).brackets)
    if not unopened:
        return draft
    above = brackets.scan(before[: len(before) - len(place.line_before)], place.language)
    opened = brackets.unmatched(above.brackets)[0]
    closed = set() if reopened else closed_below(draft, place)
    for bracket in unopened:
        opening = pop_innermost(opened, brackets.PAIRS[bracket.character])
        surplus = opening in closed if opening else is_whole or bracket.character != "}"
        at = bracket.position - offset
        if surplus and at >= 0 and is_bracket(draft, at, place) and not stands_whole(draft, place):
            cut = reading.shorten(draft, at)
            return cut and cut_unopened_brackets(cut, place)
    return draft


def _without_closed_below(draft: Draft, place: CursorContext) -> Draft:
    """The draft without last lines that only close what the lines below close, if that leaves
    fewer syntax errors."""
    best, text = draft, draft.text.rstrip()
    columns = {
        reading.column(line)
        for line in takewhile(
            partial(reading.only_closes, language=place.language), reading.lines_below(place)
        )
    }
    while (at := text.rfind("\n")) > 0 and reading.only_closes(text[at:], place.language):
        if reading.column(text[at + 1 :]) not in columns:
            break
        cut = reading.shorten(draft, at + 1)
        if cut is not None and is_better(cut, best, place):
            best = cut
        text = text[:at].rstrip()
    return best
