"""A document as a plain string, read one character at a time: what the text store is held against.

Slow and obvious on purpose, and written without looking at the store. Also the hypothesis
strategies for documents that hold everything the store must get right.
"""

from __future__ import annotations

from hypothesis import strategies as st
from lsprotocol.types import Position, PositionEncodingKind

# Line ends, and what `str.splitlines` takes for one but LSP does not.
_BREAKS = ("\n", "\r", "\r\n", "\f", "\v", "\x1c", "\x85", "\u2028", "\u2029")
# One, two, three and four bytes of UTF-8, both halves of a surrogate pair alone, a BOM, a NUL.
_CHARACTERS = ("a", "b", "é", "漢", "😋", "𐐀", "\ud83d", "\ude0b", "\ufeff", "\0")

documents = st.lists(st.sampled_from(_BREAKS + _CHARACTERS), max_size=40).map("".join)
insertions = st.lists(st.sampled_from(_BREAKS + _CHARACTERS), max_size=6).map("".join)
encodings = st.sampled_from(list(PositionEncodingKind))


def line_bounds(string: str) -> list[tuple[int, int]]:
    """Start of each line, and its end before the line end."""
    bounds = []
    start = index = 0
    while index < len(string):
        width = 0
        if string[index] == "\n":
            width = 1
        elif string[index] == "\r":
            width = 2 if index + 1 < len(string) and string[index + 1] == "\n" else 1
        if width:
            bounds.append((start, index))
            start = index + width
        index += width or 1
    return [*bounds, (start, len(string))]


def width_of(character: str, encoding: PositionEncodingKind) -> int:
    """Code units of one character, from the ranges in the encodings' definitions."""
    code = ord(character)
    if encoding == PositionEncodingKind.Utf32:
        return 1
    if encoding == PositionEncodingKind.Utf16:
        return 2 if code >= 0x10000 else 1
    return 1 + (code >= 0x80) + (code >= 0x800) + (code >= 0x10000)


def position_of(string: str, offset: int, encoding: PositionEncodingKind) -> Position:
    """The position of an offset; the line's end for one inside a line end."""
    bounds = line_bounds(string)
    line = max(number for number, (start, _) in enumerate(bounds) if start <= offset)
    start, end = bounds[line]
    before = string[start : min(offset, end)]
    return Position(line, sum(width_of(character, encoding) for character in before))


def offset_of(string: str, position: Position, encoding: PositionEncodingKind) -> int:
    """The offset of a position, clamped as the specification says."""
    bounds = line_bounds(string)
    if position.line >= len(bounds):
        return len(string)
    offset, end = bounds[position.line]
    units = 0
    while offset < end:
        units += width_of(string[offset], encoding)
        if units > position.character:
            break
        offset += 1
    return offset
