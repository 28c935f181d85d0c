from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol.types import Position, PositionEncodingKind, Range

from devstral_lsp.server.positions import offset_at, position_at, range_of, span_of
from devstral_lsp.text import Span, Text
from tests.support.plain_text import documents, encodings, offset_of, position_of

UTF8, UTF16, UTF32 = (
    PositionEncodingKind.Utf8,
    PositionEncodingKind.Utf16,
    PositionEncodingKind.Utf32,
)
ALL = (UTF8, UTF16, UTF32)

MARKED = [
    ("│abc", (0, 0), ALL),
    ("ab│c", (0, 2), ALL),
    ("ab\ncd│\r\nef", (1, 2), ALL),
    ("ab\rc│d", (1, 1), ALL),
    ("a\fb\x85c\u2028│d", (0, 6), (UTF16, UTF32)),
    ("a\fb\x85c\u2028│d", (0, 9), (UTF8,)),
    ("é漢😋│x", (0, 9), (UTF8,)),
    ("é漢😋│x", (0, 4), (UTF16,)),
    ("é漢😋│x", (0, 3), (UTF32,)),
    ("\ud83d│\ude0b", (0, 3), (UTF8,)),
    ("\ud83d│\ude0b", (0, 1), (UTF16, UTF32)),
    ("\ud83d\ude0b│", (0, 2), (UTF16, UTF32)),
    ("\ufeff│a", (0, 3), (UTF8,)),
    ("\ufeff│a", (0, 1), (UTF16, UTF32)),
    ("a\n│", (1, 0), ALL),
]

CLAMPED = [
    ("character past an ASCII line", "ab│\ncd", (0, 9), ALL),
    ("character past a line that ends in CR LF", "ab│\r\ncd", (0, 3), ALL),
    ("character past a line with astral characters", "😋│\ncd", (0, 9), ALL),
    ("character past the last line", "ab\ncd│", (1, 9), ALL),
    ("line past the end", "ab\ncd│", (2, 0), ALL),
    ("line far past the end", "ab\n│", (2**31 - 1, 2**31 - 1), ALL),
    ("empty text", "│", (3, 3), ALL),
    ("inside a surrogate pair", "a│😋", (0, 2), (UTF16,)),
    ("at the second byte of four", "a│😋", (0, 2), (UTF8,)),
    ("at the last byte of four", "a│😋", (0, 4), (UTF8,)),
    ("inside two bytes", "a│é", (0, 2), (UTF8,)),
    ("inside a lone surrogate", "a│\ud83d", (0, 3), (UTF8,)),
]


def unmarked(marked: str) -> tuple[str, int]:
    return marked.replace("│", ""), marked.index("│")


@pytest.mark.parametrize(("marked", "position", "encodings"), MARKED)
def test_position_and_offset(
    marked: str, position: tuple[int, int], encodings: tuple[PositionEncodingKind, ...]
) -> None:
    string, offset = unmarked(marked)
    for encoding in encodings:
        assert offset_at(Text.of(string), Position(*position), encoding) == offset
        assert position_at(Text.of(string), offset, encoding) == Position(*position)


@pytest.mark.parametrize(
    ("marked", "position", "encodings"),
    [case[1:] for case in CLAMPED],
    ids=[case[0] for case in CLAMPED],
)
def test_positions_that_name_no_place_are_clamped(
    marked: str, position: tuple[int, int], encodings: tuple[PositionEncodingKind, ...]
) -> None:
    string, offset = unmarked(marked)
    for encoding in encodings:
        assert offset_at(Text.of(string), Position(*position), encoding) == offset


@pytest.mark.parametrize("encoding", ALL)
def test_an_offset_inside_a_line_end_or_outside_the_text(encoding: PositionEncodingKind) -> None:
    text = Text.of("ab\r\ncd")
    assert position_at(text, 3, encoding) == Position(0, 2)
    assert position_at(text, -1, encoding) == Position(0, 0)
    assert position_at(text, 99, encoding) == Position(1, 2)


@given(documents, encodings, st.integers(1, 9), st.integers(0, 45), st.integers(0, 90))
@settings(max_examples=300, deadline=None)
def test_offsets_of_positions_in_any_text(
    string: str, encoding: PositionEncodingKind, block_size: int, line: int, character: int
) -> None:
    text, position = Text.of(string, block_size=block_size), Position(line, character)
    assert offset_at(text, position, encoding) == offset_of(string, position, encoding)


@given(documents, encodings, st.integers(1, 9))
@settings(max_examples=150, deadline=None)
def test_every_offset_of_any_text_there_and_back(
    string: str, encoding: PositionEncodingKind, block_size: int
) -> None:
    text = Text.of(string, block_size=block_size)
    for offset in range(len(string) + 1):
        position = position_at(text, offset, encoding)
        assert position == position_of(string, offset, encoding)
        inside_line_end = string[max(offset - 1, 0) : offset + 1] == "\r\n"
        assert offset_at(text, position, encoding) == offset - inside_line_end


def test_ranges_are_spans() -> None:
    text = Text.of("a😋b\nc")
    range_ = Range(Position(0, 1), Position(1, 1))
    assert span_of(text, range_, UTF16) == Span(1, 5)
    assert range_of(text, Span(1, 5), UTF16) == range_


def test_a_range_that_runs_backwards_is_turned_round() -> None:
    backwards = Range(Position(0, 3), Position(0, 1))
    assert span_of(Text.of("abcd"), backwards, UTF8) == Span(1, 3)
