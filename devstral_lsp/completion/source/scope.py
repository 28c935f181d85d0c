"""The block that a cursor stands in, and which lines of a draft leave it."""

from __future__ import annotations

import re

from devstral_lsp.completion.source import reading
from devstral_lsp.completion.types import CursorContext, Draft

_LEFT_EDGE = re.compile(
    r"#\s*(?:if|ifdef|ifndef|else|elif|endif|define|undef|include|pragma|region|endregion)\b"
    r"|\w+:$"
)
"""Preprocessor lines and labels, which stand at the left edge inside of a block."""


class Scope:
    """Reads a draft line by line and tells which one leaves the scope."""

    def __init__(self, draft: Draft, place: CursorContext) -> None:
        first = place.line_before + draft.text.split("\n", 1)[0]
        self._language = place.language
        own = reading.column(first if first.strip() else place.line_before)
        self._column = _next_column(draft, place, own)
        opened = reading.opens_block(first, self._language) and not self._language.is_markup
        self._opened = opened and bool(place.line_before.strip())
        self._deeper = False

    def holds(self, line: str) -> bool:
        at = reading.column(line)
        if at > self._column:
            self._deeper = True
            return True
        if self._language.braces and _LEFT_EDGE.match(line.strip()):
            return True
        closes = reading.starts_by_closing(line, self._language) or line.lstrip().startswith("</")
        if at < self._column:
            return closes and not reading.opens_block(line, self._language)
        if self._opened:
            return closes or reading.continues_block(line) or line.lstrip().startswith("- ")
        return not (at == 0 and self._deeper and line.startswith(self._language.top_level_keywords))


def _next_column(draft: Draft, place: CursorContext, otherwise: int) -> int:
    """Where the next thing begins after a finished line; `otherwise` where the line goes on."""
    if draft.text.split("\n", 1)[0].strip() or not place.line_before.strip():
        return otherwise
    lines = [line for line in draft.text.split("\n") if line.strip()] or [""]
    begins = reading.column(lines[0])
    below = reading.column(next(iter(reading.lines_below(place)), ""))
    fits = begins >= below or _is_missing_above(lines[-1], below, place)
    return min(begins, otherwise) if fits else otherwise


def _is_missing_above(line: str, below: int, place: CursorContext) -> bool:
    """Whether `line`, the draft's last, opens the block whose body stands below, from a column."""
    return reading.column(line) < below and reading.opens_block(line, place.language)
