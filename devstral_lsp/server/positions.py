"""Converts LSP's positions to offsets in a `Text` and back.

A position is a line and a number of code units in the negotiated encoding; an offset counts code
points. No other module converts between the two.

A lone surrogate counts as if it were encoded: one unit of UTF-16, three of UTF-8, one of UTF-32.
"""

from __future__ import annotations

from lsprotocol.types import Position, PositionEncodingKind, Range

from devstral_lsp.text import Span, Text


def offset_at(text: Text, position: Position, encoding: PositionEncodingKind) -> int:
    """The offset (code points) of `position`, clamped to the text.

    A character past the line's end means the line's end, before its line terminator (LSP 3.17,
    "Position"); a line past the last one means the end of the text; a position inside a character
    means that character's start.
    """
    if position.line >= text.line_count:
        return len(text)
    start, end = text.line_start(position.line), text.line_end(position.line)
    # A code point has at least one unit, so the answer lies in as many code points.
    reach = text.slice(start, min(end, start + position.character))
    return start + _code_points(reach, position.character, encoding)


def position_at(text: Text, offset: int, encoding: PositionEncodingKind) -> Position:
    r"""The position of `offset` (code points, clamped to the text).

    LSP has no position between "\r" and "\n": such an offset gives the line's end.
    """
    line = text.line_of(offset)
    before = text.slice(text.line_start(line), min(offset, text.line_end(line)))
    return Position(line=line, character=_units(before, encoding))


def span_of(text: Text, range_: Range, encoding: PositionEncodingKind) -> Span:
    """The span of `range_`; the ends of a reversed range are swapped."""
    start = offset_at(text, range_.start, encoding)
    end = offset_at(text, range_.end, encoding)
    return Span(min(start, end), max(start, end))


def range_of(text: Text, span: Span, encoding: PositionEncodingKind) -> Range:
    """The range of `span`."""
    return Range(
        start=position_at(text, span.start, encoding), end=position_at(text, span.end, encoding)
    )


def _units(string: str, encoding: PositionEncodingKind) -> int:
    """How many code units `string` has."""
    if encoding == PositionEncodingKind.Utf32 or string.isascii():
        return len(string)
    if encoding == PositionEncodingKind.Utf8:
        return len(string.encode("utf-8", "surrogatepass"))
    return len(string.encode("utf-16-le", "surrogatepass")) // 2


def _code_points(string: str, units: int, encoding: PositionEncodingKind) -> int:
    """How many code points of `string`, which has at most `units`, fit whole into `units`.

    Each round counts half of what the round before it did, so that the whole costs no more than
    counting the string once, and no Python loop runs over its characters.
    """
    if encoding == PositionEncodingKind.Utf32 or string.isascii():
        return len(string)
    low, high = 0, len(string)
    while low < high:
        middle = (low + high + 1) // 2
        count = _units(string[low:middle], encoding)
        if count > units:
            high = middle - 1
        else:
            low = middle
            units -= count
    return low
