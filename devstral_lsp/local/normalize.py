"""Normalize source text to flat text, with marks for indentation, and split it into tokens.

Passages that differ only in depth, width of gaps or line ends become equal, so that plain string
comparison finds them. A line becomes "\\n", one mark, and its stripped text. The mark encodes the
change of depth since the line before, and whether blank lines are between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WIDEST = 31
_FIRST_MARK = 0x80
_AFTER_GAP = 0x40
"""Marks are U+0080 + 31 + change of depth in columns, plus 64 after blank lines. They fit in
latin-1, which CPython stores in one byte per character, and occur only right after a line end."""

MAX_LINE_LENGTH = 400
"""Code points. Longer lines are data or minified, and not worth repeating."""

_TAB = 4
"""Columns of a tab. Any constant works: only changes of depth within one file matter."""

TOKEN = re.compile(r"[ \t]{0,64}+(?:\w+|[^\w\s])|\n.?|\s")
PIECE = re.compile(r"\w+|[ \t]{0,64}+(?:\w+|[^\w\s])|\n|\s")
"""What can follow in flat text: the rest of a word, or the next token. A line end has no mark,
because the next line's depth is not predicted."""


def normalize_text(text: str, depth: int = 0) -> tuple[str, int]:
    """Flat form of whole lines after a line at `depth` columns, and the depth of the last one.

    Lines longer than MAX_LINE_LENGTH are left out.
    """
    lines = []
    gap = False
    for line in text.split("\n"):
        body = line.lstrip()
        if not body:
            gap = True
        elif len(body) <= MAX_LINE_LENGTH:
            width = _width(line[: len(line) - len(body)])
            lines.append(f"\n{_encode_mark(width - depth, gap)}{body.rstrip()}")
            depth, gap = width, False
    return "".join(lines), depth


def flatten_open_line(line: str, depth: int, gap: bool) -> str:
    """Flat form of an unfinished line, with its trailing whitespace.

    It follows a line at `depth` columns; `gap` says whether blank lines are between.
    """
    body = line.lstrip(" \t")
    width = _width(line[: len(line) - len(body)])
    return f"\n{_encode_mark(width - depth, gap)}{body}"


def split_passages(text: str, longest: int) -> Iterator[str]:
    """Split `text` into pieces of about `longest` code points, after line ends if possible."""
    start = 0
    while start < len(text):
        end = start + longest
        if end < len(text):
            newline = text.find("\n", end, end + MAX_LINE_LENGTH)
            end = newline + 1 if newline >= 0 else end + MAX_LINE_LENGTH
        yield text[start:end]
        start = end


def _width(indent: str) -> int:
    return len(indent) + indent.count("\t") * (_TAB - 1)


def _encode_mark(step: int, gap: bool) -> str:
    step = max(-_WIDEST, min(_WIDEST, step))
    return chr(_FIRST_MARK + _WIDEST + step + _AFTER_GAP * gap)
