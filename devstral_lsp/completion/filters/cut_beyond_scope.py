"""A draft belongs to the block of the cursor; what follows is another answer."""

from __future__ import annotations

import re

from devstral_lsp.completion.extent.standing import is_whole
from devstral_lsp.completion.source import brackets, reading
from devstral_lsp.completion.types import CursorContext, Draft

_LEFT_EDGE = re.compile(
    r"#\s*(?:if|ifdef|ifndef|else|elif|endif|define|undef|include|pragma|region|endregion)\b"
    r"|\w+:$"
)
"""Preprocessor lines and labels, which stand at the left edge inside of a block."""
_HERE_DOCUMENT = re.compile(r"<<[-~]?[\"']?[A-Z_]{2,}")


def cut_beyond_scope(draft: Draft, place: CursorContext) -> Draft | None:
    """Cut where a line leaves the cursor's block, unless it only closes it.

    Where the cursor's line opens a block, that block is the scope; at column 0, the first unit is.
    After a finished line the next thing may begin further left, but not left of what stands below,
    unless that is the body of what the draft opens.

    Before: `def f(x):⏎    │` + `return x⏎⏎def g(x):⏎    return -x`
    After:  `return x⏎`

    Before: `if ready:│` + `⏎    run()⏎stop()`
    After:  `⏎    run()`

    Before: `    def f():⏎        return 1│⏎⏎    def h():` + `⏎⏎    def g():⏎        pass⏎x`
    After:  `⏎⏎    def g():⏎        pass`

    Before: `        return 1│⏎        pass` + `⏎⏎    def g():`
    After:  `⏎⏎    def g():`
    """
    if "\n" not in draft.text or _HERE_DOCUMENT.search(draft.text):
        return draft
    scope = _Scope(draft, place)
    left_at = None
    for start, line in brackets.code_below(draft, place):
        if scope.holds(line):
            left_at = None
            continue
        left_at = start if left_at is None else left_at
        if not reading.is_comment(line, place.language):
            if is_whole(draft, place):
                return draft
            return reading.shorten(draft, left_at - 1)
    return draft


class _Scope:
    """Reads a draft line by line and finds the first one that leaves the scope."""

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
    """The column of the next statement after a finished line; `otherwise` if the line goes on."""
    if draft.text.split("\n", 1)[0].strip() or not place.line_before.strip():
        return otherwise
    lines = [line for line in draft.text.split("\n") if line.strip()] or [""]
    begins = reading.column(lines[0])
    below = reading.column(next(iter(reading.lines_below(place)), ""))
    fits = begins >= below or _is_missing_above(lines[-1], below, place)
    return min(begins, otherwise) if fits else otherwise


def _is_missing_above(line: str, below: int, place: CursorContext) -> bool:
    """Whether `line`, the draft's last, opens the block whose body follows at column `below`."""
    return reading.column(line) < below and reading.opens_block(line, place.language)
