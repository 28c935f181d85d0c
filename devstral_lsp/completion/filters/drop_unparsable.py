"""A suggestion after which less of the code parses than before is no suggestion."""

from __future__ import annotations

from devstral_lsp.completion.filters import parsing, reading
from devstral_lsp.completion.filters.brackets import aside_at_cursor, joined, scan, unmatched
from devstral_lsp.completion.request import Draft, Place
from devstral_lsp.providers.base import Finish

_OF_STATEMENTS = ("python", "javascript", "typescript")
"""Languages in which a statement parses wherever it stands."""

_OF_TAGS = ("html", "xml", "javascriptreact", "typescriptreact", "jsx", "tsx")


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
    above, below = parsing.window_above(reading.before(place)), reading.after(place)[: parsing.NEAR]
    if (
        draft.partial
        or above[:1].isspace()
        or not parsing.is_judged(place.language_id)
        or parsing.is_a_beginning(draft, place)
    ):
        return draft
    finished = _finished(draft, place)

    def parses(text: str, covers: int = 0) -> bool:
        after = parsing.faults_of(above + text + below[covers:], place.language_id)
        if after is None or after.errors == 0:
            return True
        already = None if finished else parsing.faults_of(above + below, place.language_id)
        return already is not None and after.faults <= already.faults

    if any(parses(text, draft.covers) for text in parsing.with_an_end(draft.text, place)):
        return draft
    if not _clear(above, below, place) and _fits_what_is_above(draft, above, place):
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


def _finished(draft: Draft, place: Place) -> bool:
    """Whether the draft means to end where it ends."""
    if draft.partial or draft.finish is not Finish.STOP or aside_at_cursor(place):
        return False
    if place.language.closers or place.language_id in _OF_TAGS:
        return False  # what closes a block or a tag may still be to come, and is no bracket
    return not unmatched(scan(joined(draft, place)[0], place.language).brackets)[0]


def _fits_what_is_above(draft: Draft, above: str, place: Place) -> bool:
    """Whether the draft parses behind the code above, with all open brackets closed.

    Where statements stand on their own, that is; elsewhere, and where what is said goes on below,
    nothing is judged.
    """
    if draft.partial or draft.finish is not Finish.STOP or aside_at_cursor(place):
        return True
    if place.language_id not in _OF_STATEMENTS:
        return True
    text = draft.text + place.line_after[draft.covers :]
    if not parsing.parses_closed(above[: above.rfind("\n") + 1], place):
        return True
    return any(
        parsing.parses_closed(above + each, place) for each in parsing.with_an_end(text, place)
    )


def _clear(above: str, below: str, place: Place) -> bool:
    """Whether all but the cursor's line parses: in a window cut within a string nothing does."""
    around = above[: above.rfind("\n") + 1] + below[below.find("\n") + 1 :]
    found = parsing.faults_of(around, place.language_id)
    return found is not None and found.faults == 0
