"""Whether lines of a draft are the lines below the cursor once more."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.source.similarity import is_same_line, is_similar_line
from devstral_lsp.completion.types import CursorContext

_LONG_LINE = 20
"""A line this long is a repetition whatever its indentation."""


TELLING = re.compile(r"(?=(?:\s*\S){5})\W*\w\W*\w\W*\w")


def repeats_lines_below(
    lines: list[str],
    i: int,
    below: Sequence[str],
    place: CursorContext,
    is_whole: Callable[[], bool],
) -> bool:
    """Whether the lines from the `i`th on are those `below`; `is_whole` tells whether all of them
    are one unit."""
    if not (is_same_line if i == 0 else is_similar_line)(lines[i], below[0]):
        return False
    said = [line for line in lines[i:] if line.strip()]
    pairs = list(zip(said, below, strict=False))
    run = next((n for n, (a, b) in enumerate(pairs) if not is_similar_line(a, b)), len(pairs))
    telling = [(a, b) for a, b in pairs[:run] if is_same_line(a, b) and TELLING.match(a)]
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
    """Whether the draft opens the block that `closing` closes, by how formatters align them."""
    return any(
        reading.column(line) == reading.column(closing)
        and reading.opens_block(line, place.language)
        and not (n == 0 and reading.opens_block(place.line_before, place.language))
        for n, line in enumerate(above)
    )
