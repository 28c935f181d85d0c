"""A closing bracket that nothing opened ends what can be right in a draft."""

from __future__ import annotations

from devstral_lsp.completion.filters import brackets, reading
from devstral_lsp.completion.request import Draft, Place

_LOOSE = frozenset({"html", "markdown", "plain", "yaml", "shellscript", "makefile"})
"""Where brackets stand in prose, or close a `case` pattern."""


def cut_unopened_brackets(draft: Draft, place: Place) -> Draft | None:
    """Cut at a closing bracket that neither the draft nor the document opened.

    Before: `x = f(1)│` + `.strip())⏎y = 2`
    After:  `.strip()`
    """
    if place.language.name in _LOOSE:
        return draft
    before = reading.before(place)
    is_whole = len(place.before) <= reading.WINDOW
    text, offset = brackets.joined(draft, place)
    here = brackets.scan(text, place.language)
    above = brackets.scan(before[: len(before) - len(place.line_before)], place.language)
    opened = [each.character for each in brackets.unmatched(above.brackets)[0]]
    for bracket in brackets.unmatched(here.brackets)[1]:
        opening = brackets.PAIRS[bracket.character]
        if opening in opened:
            while opened.pop() != opening:
                pass
        elif bracket.position >= offset and (is_whole or opening != "{"):
            return reading.shorten(draft, bracket.position - offset)
    return draft
