"""A closing bracket that nothing opened ends what can be right in a draft."""

from __future__ import annotations

from devstral_lsp.completion.filters import brackets, reading
from devstral_lsp.completion.filters.brackets import Bracket
from devstral_lsp.completion.kind import indent_width
from devstral_lsp.completion.request import Draft, Place

_LOOSE = frozenset({"html", "markdown", "plain", "yaml", "shellscript", "makefile"})
"""Where brackets stand in prose, or close a `case` pattern."""

_CLOSING = " \t)]}"


def cut_unopened_brackets(draft: Draft, place: Place) -> Draft | None:
    """Cut at a closing bracket that neither the draft nor the document left to be closed.

    Before: `x = f(1)│` + `.strip())⏎y = 2`
    After:  `.strip()`

    Before (go): `if ok {⏎→│⏎}⏎run()` + `stop()⏎}`
    After:  `stop()⏎`
    """
    if place.language.name in _LOOSE:
        return draft
    before = reading.before(place)
    is_whole = len(place.before) <= reading.WINDOW
    text, offset = brackets.joined(draft, place)
    reopened, unopened = brackets.unmatched(brackets.scan(text, place.language).brackets)
    if not unopened:
        return draft
    above = brackets.scan(before[: len(before) - len(place.line_before)], place.language)
    opened = brackets.unmatched(above.brackets)[0]
    closed = set() if reopened else _closed_below(draft, place)
    for bracket in unopened:
        opening = _last_of(opened, brackets.PAIRS[bracket.character])
        surplus = opening in closed if opening else is_whole or bracket.character != "}"
        if surplus and bracket.position >= offset:
            cut = reading.shorten(draft, bracket.position - offset)
            return cut and cut_unopened_brackets(cut, place)
    return draft


def _last_of(opened: list[Bracket], character: str) -> Bracket | None:
    """The innermost of `opened` that is a `character`, taken out with all that is within."""
    if not any(each.character == character for each in opened):
        return None
    while (last := opened.pop()).character != character:
        pass
    return last


def _closed_below(draft: Draft, place: Place) -> set[Bracket]:
    """The brackets before the cursor that lines after it close, as formatters do.

    Such a line begins with what it closes, at the indentation of the line that opened it.
    """
    if brackets.aside_at_cursor(place):
        return set()
    before = reading.before(place)
    # What the draft replaces counts no more, but its line is still indented as it is.
    after = place.indentation + reading.after(place)[draft.covers :]
    opened = brackets.unmatched(brackets.scan(before, place.language).brackets)[0]
    closing = brackets.unmatched(brackets.scan(after, place.language).brackets)[1]
    open_at = [(each.character, _width(before, each)) for each in opened]
    leading = [each for each in closing if not _line_to(after, each).strip(_CLOSING)]
    closed_at = [(brackets.PAIRS[each.character], _width(after, each)) for each in leading]
    pairs = zip(opened, open_at, strict=True)
    return {each for each, at in pairs if closed_at.count(at) >= open_at.count(at)}


def _line_to(text: str, bracket: Bracket) -> str:
    return text[text.rfind("\n", 0, bracket.position) + 1 : bracket.position]


def _width(text: str, bracket: Bracket) -> int:
    return indent_width(_line_to(text, bracket))
