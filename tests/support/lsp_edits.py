"""Text edits as an editor applies them: positions of the wire on a plain string.

Written from LSP 3.17 ("Position", "TextEdit") alone, without a look at the product: it splits lines
itself and counts units by encoding each line. What a server promises is held against it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_UNIT_BYTES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
_CODEC = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}


@dataclass(frozen=True, slots=True)
class WireEdit:
    """One TextEdit: line and character of its start and end, and the new text."""

    start: tuple[int, int]
    end: tuple[int, int]
    new_text: str


def expanded(snippet: str, name: str | None = None) -> str:
    """The text of a snippet ("Snippet Syntax") without variables and choices.

    `name` is what the user types at the first placeholder, and so wherever its number stands;
    without it, they leave it as it is. Raises ValueError for a `$` that is no placeholder.
    """

    def piece(match: re.Match[str]) -> str:
        if match["literal"]:
            return match["literal"]
        if not match["default"]:
            raise ValueError("neither a character nor a placeholder with a default")
        return match["default"] if name is None else name

    return re.sub(r"\\(?P<literal>[$}\\])|\$(?:\{1:(?P<default>\w+)\})?", piece, snippet)


def applied(string: str, edits: Sequence[WireEdit], encoding: str) -> str:
    """`string` after all edits, whose positions are in `string` as it is before any of them.

    Raises ValueError for what a client may do anything with: positions outside the text or inside
    a character, edits that overlap.
    """
    lines = _lines(string)
    places = [
        (_offset(lines, each.start, encoding), _offset(lines, each.end, encoding), each.new_text)
        for each in edits
    ]
    ordered = sorted(places, key=lambda place: place[:2])
    done, result = 0, []
    for start, end, new_text in ordered:
        if start < done or end < start:
            raise ValueError("edits overlap, or one runs backwards")
        result += [string[done:start], new_text]
        done = end
    return "".join([*result, string[done:]])


def _lines(string: str) -> list[tuple[int, str]]:
    """Where each line starts, and its content without what ends it."""
    lines, start = [], 0
    for ending in re.finditer(r"\r\n|\n|\r", string):
        lines.append((start, string[start : ending.start()]))
        start = ending.end()
    return [*lines, (start, string[start:])]


def _offset(lines: Sequence[tuple[int, str]], position: tuple[int, int], encoding: str) -> int:
    line, character = position
    if line >= len(lines):
        raise ValueError("no such line")
    start, content = lines[line]
    raw = content.encode(_CODEC[encoding], "surrogatepass")
    at = character * _UNIT_BYTES[encoding]
    if at > len(raw):
        raise ValueError("no such character")
    before = raw[:at].decode(_CODEC[encoding], "surrogatepass")
    if not content.startswith(before):
        raise ValueError("inside a character")
    return start + len(before)
