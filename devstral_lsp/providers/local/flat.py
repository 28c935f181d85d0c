"""Source text with its indentation folded into marks, and the tokens of such text.

Two passages that differ only in depth, blank lines or line ends become the same string, so that
plain string comparison finds them. A line becomes "\\n", one mark for how much deeper or shallower
it stands than the line before, and its text without the blanks around it. Knows no index and no
request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WIDEST = 31
_MARKS = "".join(chr(0x80 + step) for step in range(2 * _WIDEST + 1))
"""One mark per change of depth from -31 to 31 columns. They stay in latin-1, where CPython keeps
one byte per character, and only ever stand right after a line end."""

LONGEST_LINE = 400
"""Code points. Longer lines are data or minified: nothing in them is worth repeating."""

_TAB = 4
"""Columns for a tab. Any constant will do: only changes of depth within one file matter."""

TOKEN = re.compile(r"[ \t]*(?:\w+|[^\w\s])|\n.?|\s")
PIECE = re.compile(r"\w+|[ \t]*(?:\w+|[^\w\s])|\n|\s")
"""What follows a place in flat text: the rest of a word, or the next token. A line end comes
without its mark, because what the next line does is not said yet."""


def unify_line_ends(text: str) -> str:
    """`text` with "\\n" for every line end that LSP knows."""
    if "\r" not in text:
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n")


def width_of(blanks: str) -> int:
    """Columns that leading blanks take."""
    return len(blanks) + blanks.count("\t") * (_TAB - 1)


def flatten(text: str, depth: int = 0) -> tuple[str, int]:
    """Flat form of whole lines that follow a line at `depth` columns, and the depth of the last.

    Blank lines and lines longer than LONGEST_LINE are left out.
    """
    lines = []
    for line in text.split("\n"):
        body = line.lstrip(" \t")
        if not body or len(body) > LONGEST_LINE or body.isspace():
            continue
        width = width_of(line[: len(line) - len(body)])
        lines.append(f"\n{mark(width - depth)}{body.rstrip()}")
        depth = width
    return "".join(lines), depth


def mark(step: int) -> str:
    """The mark of a line that stands `step` columns deeper than the one before."""
    return _MARKS[max(-_WIDEST, min(_WIDEST, step)) + _WIDEST]


def flatten_open_line(line: str, depth: int) -> str:
    """Flat form of a line that is still being written, with the blanks at its end."""
    body = line.lstrip(" \t")
    return f"\n{mark(width_of(line[: len(line) - len(body)]) - depth)}{body}"


def passages(text: str, longest: int) -> Iterator[str]:
    """`text` in pieces of about `longest` code points, cut after line ends where there are any."""
    start = 0
    while start < len(text):
        end = start + longest
        if end < len(text):
            newline = text.find("\n", end, end + LONGEST_LINE)
            end = newline + 1 if newline >= 0 else end + LONGEST_LINE
        yield text[start:end]
        start = end
