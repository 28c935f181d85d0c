"""A closing bracket that nothing opened ends what can be right in a draft."""

from __future__ import annotations

from devstral_lsp.completion.source import brackets, source_lines
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
    before = source_lines.before(place)
    is_whole = len(place.before) <= source_lines.WINDOW
    text, offset = brackets.join_with_line(draft, place)
    reopened, unopened = brackets.unmatched(brackets.scan(text, place.language).brackets)
    if not unopened:
        return draft
    above = brackets.scan(before[: len(before) - len(place.line_before)], place.language)
    opened = brackets.unmatched(above.brackets)[0]
    closed = set() if reopened else closed_below(draft, place)
    for bracket in unopened:
        opening = pop_innermost(opened, brackets.PAIRS[bracket.character])
        surplus = opening in closed if opening else is_whole or bracket.character != "}"
        if surplus and bracket.position >= offset:
            cut = source_lines.shorten(draft, bracket.position - offset)
            return cut and cut_unopened_brackets(cut, place)
    return draft
