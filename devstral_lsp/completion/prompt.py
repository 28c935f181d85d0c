"""From a document and a cursor to the pair of strings that a model fills the gap between.

The windows are cut at lines, and the cut points move in big steps: one more typed character changes
only the tail of the prompt, and the suffix stays the same bytes while the user types a line. Prompt
caches depend on that, both in Mistral's order (suffix first) and in that of all others. Pure: the
same document and cursor give the same bytes. Knows no endpoint.
"""

from __future__ import annotations

from dataclasses import dataclass

from devstral_lsp.text import Text, normalize_newlines

PREFIX_SHARE = 0.75
"""Of the budget, the part for the text before the cursor. Peers give it 60 to 80 percent."""

PAGE_LINES = 32
"""Cut points stand at multiples of this, counted from the document's start for the prompt and from
its end for the suffix: typing in between moves neither."""

MIN_SHOWN = 0.6
"""Of the lines that fit, what is shown at least: where few fit, as below the cursor, pages are
halved."""

MAX_LINE_LENGTH = 2_000
"""Code points of the cursor's own line on either side: minified code has no lines to cut at."""

LINE_STEP = 400
"""Steps in which such a line loses its beginning."""


@dataclass(frozen=True, slots=True)
class FimPrompt:
    """What goes on the wire: the text before the gap and after it, with "\\n" line ends."""

    prompt: str
    suffix: str


def build_prompt(text: Text, offset: int, budget: int) -> FimPrompt:
    """The windows around `offset` that fit `budget`, in code points, but for the cursor's line."""
    for_prefix = int(budget * PREFIX_SHARE)
    return FimPrompt(
        prompt=normalize_newlines(_before(text, offset, for_prefix)),
        suffix=normalize_newlines(_after(text, offset, budget - for_prefix)),
    )


def _before(text: Text, offset: int, budget: int) -> str:
    line = text.line_of(offset)
    line_start = text.line_start(line)
    # The cursor's own line does not count against the budget, so typing in it moves no cut point.
    first = _first_line(text, line, line_start - budget)
    start = text.line_start(first)
    if start < line_start:
        return text.slice(start, line_start) + _own_line_before(text, line_start, offset)
    return _own_line_before(text, line_start, offset)


def _own_line_before(text: Text, line_start: int, offset: int) -> str:
    steps = -(-(offset - line_start - MAX_LINE_LENGTH) // LINE_STEP)
    return text.slice(line_start + max(0, steps) * LINE_STEP, offset)


def _first_line(text: Text, line: int, earliest: int) -> int:
    """The first page border from which on everything up to `line` fits, or else the first line."""
    if earliest <= 0:
        return 0
    fits = text.line_of(earliest)
    if text.line_start(fits) < earliest:
        fits += 1
    return _border(fits, line)


def _after(text: Text, offset: int, budget: int) -> str:
    line = text.line_of(offset)
    own_end = text.line_end(line)
    own = text.slice(offset, min(own_end, offset + MAX_LINE_LENGTH))
    if line + 1 >= text.line_count:
        return own
    # From the end of the cursor's line on, so that its own text moves no cut point either.
    last = _last_line(text, line, own_end + budget)
    return own + text.slice(own_end, text.line_end(last))


def _last_line(text: Text, line: int, latest: int) -> int:
    """The last line whose distance from the document's end is whole pages and that still fits."""
    count = text.line_count
    if latest >= len(text):
        return count - 1
    fits = text.line_of(latest)
    if text.line_end(fits) > latest:
        fits -= 1
    return count - 1 - _border(count - 1 - fits, count - 1 - line)


def _border(fits: int, line: int) -> int:
    """The first page border from the line `fits` on that leaves enough up to `line`."""
    sizes = (PAGE_LINES >> halved for halved in range(PAGE_LINES.bit_length()))
    borders = (-(-fits // size) * size for size in sizes)
    return next(each for each in borders if line - each >= MIN_SHOWN * (line - fits))
