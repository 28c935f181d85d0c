"""The most common mistake: the model continues with the lines that already follow the cursor."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from devstral_lsp.completion.extent.standing import is_whole
from devstral_lsp.completion.source import reading
from devstral_lsp.completion.source.similarity import is_same_line, is_similar_line
from devstral_lsp.completion.types import CursorContext, Draft

_LINES_BELOW = 12
_LONG_LINE = 20
"""A line this long is a repetition whatever its indentation."""
_TELLING = re.compile(r"(?=(?:\s*\S){5})\W*\w\W*\w\W*\w")
"""At least five characters with three letters: shorter lines are equal by chance."""
_CLOSING_TAIL = " \t)]};,:\"'`"


def cut_repeated_lines(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut where the draft writes the lines below the cursor, exactly or nearly.

    A line that only closes counts at the same indentation, if the draft did not open its block.

    Before: `a = 1⏎│⏎c = a + b` + `b = 2⏎c = a + b`
    After:  `b = 2`

    Before: `while (go) {⏎  │⏎}` + `step();⏎}`
    After:  `step();`
    """
    below = reading.lines_below(place)[:_LINES_BELOW]
    if not below or place.line_after.strip(_CLOSING_TAIL):
        return draft
    starts = reading.line_starts(draft.text)
    lines = draft.text.split("\n")
    if place.line_before.strip() and is_same_line(lines[0], below[0]) and _TELLING.match(lines[0]):
        return None
    goes_on = place.line_before.strip() != ""
    may_repeat = not goes_on or (
        lines[0].strip() and is_same_line(place.line_before + lines[0], below[0])
    )
    lines[0] = place.line_before + lines[0]
    whole = partial(is_whole, draft, place)
    for i, line in enumerate(lines):
        if (
            line.strip()
            and (i or may_repeat)
            and _repeats_lines_below(lines, i, below, place, whole)
        ):
            cut = reading.shorten(draft, max(0, starts[i] - 1))
            return cut and cut_repeated_lines(cut, place)
    return draft


def _repeats_lines_below(
    lines: list[str],
    i: int,
    below: Sequence[str],
    place: CursorContext,
    is_whole: Callable[[], bool],
) -> bool:
    """Whether the lines from the `i`th on repeat those `below`. `is_whole` returns whether all
    lines together are one unit."""
    if not (is_same_line if i == 0 else is_similar_line)(lines[i], below[0]):
        return False
    said = [line for line in lines[i:] if line.strip()]
    pairs = list(zip(said, below, strict=False))
    run = next((n for n, (a, b) in enumerate(pairs) if not is_similar_line(a, b)), len(pairs))
    telling = [(a, b) for a, b in pairs[:run] if is_same_line(a, b) and _TELLING.match(a)]
    if telling:
        if i == 0 and not all(is_same_line(a, b) for a, b in pairs) and is_whole():
            return False  # an overload, another test: it is like what is below, and no copy
        return (run == len(pairs) or len(telling) > 1) and any(_as_deep(a, b) for a, b in telling)
    return run == len(said) and all(
        is_same_line(a, b)
        and reading.column(a) == reading.column(b)
        and not _is_opened(a, lines[:i], place)
        for a, b in pairs
    )


def _as_deep(said: str, line: str) -> bool:
    return reading.column(said) == reading.column(line) or len(line.strip()) >= _LONG_LINE


def _is_opened(closing: str, above: list[str], place: CursorContext) -> bool:
    """Whether the draft opens the block that `closing` closes, judging by their alignment."""
    return any(
        reading.column(line) == reading.column(closing)
        and reading.opens_block(line, place.language)
        and not (n == 0 and reading.opens_block(place.line_before, place.language))
        for n, line in enumerate(above)
    )
