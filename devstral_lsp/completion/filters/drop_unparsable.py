"""A suggestion after which less of the code parses than before is no suggestion."""

from __future__ import annotations

from devstral_lsp.completion.filters import reading
from devstral_lsp.completion.request import Draft, Place
from devstral_lsp.context.syntax import Syntax
from devstral_lsp.text import Edit, Span


def drop_unparsable(draft: Draft, place: Place) -> Draft | None:
    """Keep what parses at least as well as the code without it: all lines, the first, or nothing.

    A suggestion may leave its line unfinished, as the user's own text does while it is typed; it
    may not add a fault. What opens a block is not judged, since its end is still to come, nor is
    anything among code that does not parse, or without a grammar for its language.

    Before: `x = 1⏎│` + `x = > 2`
    After:  nothing
    """
    above, below = reading.before(place), reading.after(place)
    if above[:1].isspace() or reading.opens_block(_last_line(draft, place), place.language):
        return draft
    code = Syntax.of(above + below, place.language_id)
    whole = Edit(Span(len(above), len(above) + draft.covers), draft.text)
    if code is None or code.parses_as_well(whole) or not _clear(above, below, place):
        return draft
    first = draft.text.split("\n", 1)[0]
    if first.strip() and code.parses_as_well(Edit(Span(len(above), len(above)), first)):
        return reading.shorten(draft, len(first))
    return None


def _clear(above: str, below: str, place: Place) -> bool:
    """Whether all but the cursor's line parses: in a window cut within a string nothing does."""
    around = above[: above.rfind("\n") + 1] + below[below.find("\n") + 1 :]
    syntax = Syntax.of(around, place.language_id)
    return syntax is not None and syntax.faults() == 0


def _last_line(draft: Draft, place: Place) -> str:
    return (place.line_before + draft.text).rsplit("\n", 1)[-1]
