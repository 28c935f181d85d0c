"""Source text with its indentation folded into marks, and the tokens of such text.

Two passages that differ only in depth, width of gaps or line ends become the same string, so that
plain string comparison finds them. A line becomes "\\n", one mark for how much deeper or shallower
it stands than the line before and whether blank lines are between, and its text without the blanks
around it. Knows no index and no request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WIDEST = 31
_FIRST_MARK = 0x80
_AFTER_GAP = 0x40
"""Marks are U+0080 + 31 + change of depth in columns, plus 64 after blank lines. They stay in
latin-1, where CPython keeps one byte per character, and only ever stand right after a line end."""

LONGEST_LINE = 400
"""Code points. Longer lines are data or minified: nothing in them is worth repeating."""

_TAB = 4
"""Columns for a tab. Any constant will do: only changes of depth within one file matter."""

TOKEN = re.compile(r"[ \t]{0,64}+(?:\w+|[^\w\s])|\n.?|\s")
PIECE = re.compile(r"\w+|[ \t]{0,64}+(?:\w+|[^\w\s])|\n|\s")
"""What follows a place in flat text: the rest of a word, or the next token. A line end comes
without its mark, because what the next line does is not said yet."""


def normalize_text(text: str, depth: int = 0) -> tuple[str, int]:
    """Flat form of whole lines that follow a line at `depth` columns, and the depth of the last.

    Lines longer than LONGEST_LINE are left out.
    """
    lines = []
    gap = False
    for line in text.split("\n"):
        body = line.lstrip()
        if not body:
            gap = True
        elif len(body) <= LONGEST_LINE:
            width = _width(line[: len(line) - len(body)])
            lines.append(f"\n{_mark(width - depth, gap)}{body.rstrip()}")
            depth, gap = width, False
    return "".join(lines), depth


def flatten_open_line(line: str, depth: int, gap: bool) -> str:
    """Flat form of a line that is still being written, with the blanks at its end.

    It follows a line at `depth` columns; `gap` says whether blank lines are between.
    """
    body = line.lstrip(" \t")
    width = _width(line[: len(line) - len(body)])
    return f"\n{_mark(width - depth, gap)}{body}"


def split_passages(text: str, longest: int) -> Iterator[str]:
    """`text` in pieces of about `longest` code points, cut after line ends where there are any."""
    start = 0
    while start < len(text):
        end = start + longest
        if end < len(text):
            newline = text.find("\n", end, end + LONGEST_LINE)
            end = newline + 1 if newline >= 0 else end + LONGEST_LINE
        yield text[start:end]
        start = end


def _width(blanks: str) -> int:
    return len(blanks) + blanks.count("\t") * (_TAB - 1)


def _mark(step: int, gap: bool) -> str:
    step = max(-_WIDEST, min(_WIDEST, step))
    return chr(_FIRST_MARK + _WIDEST + step + _AFTER_GAP * gap)
