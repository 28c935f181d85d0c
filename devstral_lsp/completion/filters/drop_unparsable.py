"""A suggestion after which less of the code parses than before is no suggestion."""

from __future__ import annotations

from devstral_lsp.completion.filters import parsing, reading
from devstral_lsp.completion.request import Draft, Place


def drop_unparsable(draft: Draft, place: Place) -> Draft | None:
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
    window = parsing.Window.around(place)
    if (
        draft.partial
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

    if any(parses(text, draft.covers) for text in parsing.with_an_end(draft.text, place)):
        return draft
    if not window.is_clear() and parsing.fits_what_is_above(draft, window.above, place):
        return draft
    first = draft.text.split("\n", 1)[0]
    if first.strip() and any(parses(text) for text in parsing.with_an_end(first, place)):
        return reading.shorten(draft, len(first))
    return _up_to_a_bracket(draft, place)


def _up_to_a_bracket(draft: Draft, place: Place) -> Draft | None:
    """The first line up to the last bracket in it behind which all is well; None without one."""
    start = len(draft.text) - len(draft.text.lstrip())
    line = draft.text[start:].split("\n", 1)[0]
    for at in range(len(line) - 1, 0, -1):
        if line[at - 1] == "(":
            kept = reading.shorten(draft, start + at)
            return drop_unparsable(kept, place) if kept is not None else None
    return None
