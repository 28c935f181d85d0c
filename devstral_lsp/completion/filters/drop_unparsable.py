"""A suggestion after which less of the code parses than before is no suggestion."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from devstral_lsp.completion.filters import reading
from devstral_lsp.completion.filters.brackets import aside_at_cursor, joined, scan, unmatched
from devstral_lsp.completion.request import Draft, Place
from devstral_lsp.context.grammars import grammar_of
from devstral_lsp.context.syntax import Syntax
from devstral_lsp.languages import Language
from devstral_lsp.providers.base import Finish

NEAR = 1_500
"""Code points on either side of the cursor."""

_MAKES_CODE = "<?"
"""PHP's opening tag: all below it was text before."""

_OUTERMOST = re.compile(r"\n(?=[A-Za-z@_#/<])")
_CLOSING = {"{": "}", "(": ")", "[": "]"}


def drop_unparsable(draft: Draft, place: Place) -> Draft | None:
    """Keep what leaves the code without an error: all lines, the first, or nothing.

    Where the model was cut, or a bracket or string is open, the line may stay as unfinished as the
    user's own was. What opens a block is judged with an end. Nothing is judged among code that
    does not parse, or without a grammar for its language.

    Before: `x = 1⏎│` + `x = > 2`
    After:  nothing
    """
    above, below = _window(reading.before(place)), reading.after(place)[:NEAR]
    if above[:1].isspace() or grammar_of(place.language_id) is None or _MAKES_CODE in draft.text:
        return draft
    finished = _finished(draft, place)

    def parses(text: str, covers: int = 0) -> bool:
        after = _faults(above + text + below[covers:], place.language_id)
        if after is None or after.errors == 0:
            return True
        already = None if finished else _faults(above + below, place.language_id)
        return already is not None and after.faults <= already.faults

    if any(parses(text, draft.covers) for text in _with_an_end(draft.text, place)):
        return draft
    if not _clear(above, below, place):
        return draft
    first = draft.text.split("\n", 1)[0]
    if first.strip() and any(parses(text) for text in _with_an_end(first, place)):
        return reading.shorten(draft, len(first))
    return None


@dataclass(frozen=True, slots=True)
class _Faults:
    """How much of a text does not parse. `errors` leaves out what a line may yet get."""

    errors: int
    faults: int


@lru_cache(maxsize=64)
def _faults(text: str, language_id: str) -> _Faults | None:
    """None without a grammar. Remembered: typing a suggestion along leaves the whole as it is."""
    syntax = Syntax.of(text, language_id)
    return None if syntax is None else _Faults(syntax.errors(), syntax.faults())


def _window(above: str) -> str:
    """The last NEAR code points of `above`, from an outermost line on; all of it if there is none.

    A statement is judged by what it stands in, not by all that can be read: parsing costs the most
    of all filters.
    """
    outermost = _OUTERMOST.search(above, max(0, len(above) - NEAR))
    return above[outermost.end() :] if outermost and len(above) > NEAR else above


def _finished(draft: Draft, place: Place) -> bool:
    """Whether the draft means to end where it ends."""
    if draft.partial or draft.finish is not Finish.STOP or aside_at_cursor(place):
        return False
    return not unmatched(scan(joined(draft, place)[0], place.language).brackets)[0]


def _with_an_end(text: str, place: Place) -> list[str]:
    """`text`, and where its last line opens a block, `text` with the least there can be in it.

    The block may also stand below already.
    """
    last = (place.line_before + text).rsplit("\n", 1)[-1]
    if not reading.opens_block(last, place.language):
        return [text]
    return [text, text + _least_block(last, place.language)]


def _least_block(line: str, language: Language) -> str:
    if language.block_opener:
        return f"\n{reading.indentation(line)}    pass"
    return _CLOSING.get(line.rstrip()[-1:], "\n" + next(iter(language.closers), ""))


def _clear(above: str, below: str, place: Place) -> bool:
    """Whether all but the cursor's line parses: in a window cut within a string nothing does."""
    around = above[: above.rfind("\n") + 1] + below[below.find("\n") + 1 :]
    found = _faults(around, place.language_id)
    return found is not None and found.faults == 0
