from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol.types import PositionEncodingKind

from devstral_lsp.edits.line_edits import apply_edits, lines_of, minimal_line_edits
from devstral_lsp.server.positions import range_of
from devstral_lsp.text import Edit, Span, Text
from tests.support.lsp_edits import WireEdit, applied
from tests.support.plain_text import documents, line_bounds

ENCODINGS = {
    "utf-8": PositionEncodingKind.Utf8,
    "utf-16": PositionEncodingKind.Utf16,
    "utf-32": PositionEncodingKind.Utf32,
}
_PIECES = ("\n", "\r", "\r\n", "\t", "    ", " ", "a", "b = 1", "}", "é", "漢", "😋", "\ud83d")
code = st.lists(st.sampled_from(_PIECES), max_size=30).map("".join)
# Two lone halves side by side are one character to an editor that counts in UTF-16.
texts = st.one_of(documents.map(lambda text: text.replace("\ude0b", "")), code)


def made(document: str, new: str, span: Span | None = None) -> str:
    text = Text.of(document)
    return str(apply_edits(text, minimal_line_edits(text, span or Span(0, len(document)), new)))


def changed(document: str, new: str) -> list[str]:
    """What each edit replaces and what it puts there."""
    found = minimal_line_edits(Text.of(document), Span(0, len(document)), new)
    return [f"{document[e.span.start : e.span.end]!r} -> {e.text!r}" for e in found]


@pytest.mark.parametrize(
    ("document", "new", "expected"),
    [
        pytest.param("a\nb\nc\n", "a\nb\nc\n", [], id="unchanged"),
        pytest.param("a\nb\nc\n", "a\nb\nc", [], id="only the last line end missing"),
        pytest.param("a\r\nb\r\n", "a\nb\n", [], id="only line ends differ"),
        pytest.param("a\nb\nc\n", "a\nX\nc\n", ["'b\\n' -> 'X\\n'"], id="one line"),
        pytest.param("a\nc\n", "a\nb\nc\n", ["'' -> 'b\\n'"], id="insertion"),
        pytest.param("a\nb\nc\n", "a\nc\n", ["'b\\n' -> ''"], id="deletion"),
        pytest.param(
            "a\nb\nc\nd\ne\n", "A\nb\nc\nd\nE\n", ["'a\\n' -> 'A\\n'", "'e\\n' -> 'E\\n'"], id="two"
        ),
        pytest.param("a  \nb\n", "a\nB\n", ["'b\\n' -> 'B\\n'"], id="blanks at the end of a line"),
        pytest.param("a  \nb\n", "a\nb\n", ["'a  \\n' -> 'a\\n'"], id="nothing but such blanks"),
        pytest.param("a\nb", "a\nB", ["'b' -> 'B'"], id="no final line end"),
        pytest.param("a\nb", "a\nb\nc\n", ["'b' -> 'b\\nc'"], id="a line after the last"),
        pytest.param("a\nb", "a", ["'a\\nb' -> 'a'"], id="the last line goes"),
        pytest.param("a\nb\n", "", ["'a\\nb\\n' -> ''"], id="all goes"),
        pytest.param("", "a", ["'' -> 'a\\n'"], id="into an empty document"),
    ],
)
def test_only_changed_lines_are_replaced(document: str, new: str, expected: list[str]) -> None:
    assert changed(document, new) == expected


@pytest.mark.parametrize(
    ("document", "new", "expected"),
    [
        ("a\r\nb\r\n", "a\nx\ny\nb\n", "a\r\nx\r\ny\r\nb\r\n"),
        ("a\nb\r\nc\rd\n", "a\nb\nx\nc\nd\n", "a\nb\r\nx\rc\rd\n"),
        ("a\rb\n", "a\nB\n", "a\rB\n"),
        ("a\r\n\nb\r\n", "a\r\n\r\nB\r\n", "a\r\n\nB\r\n"),
        ("one", "one\ntwo", "one\ntwo"),
        ("x\r\none", "x\none\ntwo", "x\r\none\r\ntwo"),
    ],
)
def test_new_lines_take_the_line_end_of_their_neighbour(
    document: str, new: str, expected: str
) -> None:
    assert made(document, new) == expected


@pytest.mark.parametrize(
    ("document", "new", "expected"),
    [
        ("if a:\n\tb\n", "if a:\n    b\n    if c:\n        d\n", "if a:\n\tb\n\tif c:\n\t\td\n"),
        ("if a:\n  b\n  c\n", "if a:\n\tb\n\tif c:\n\t\td\n", "if a:\n  b\n  if c:\n    d\n"),
        ("{\n\ta,\n\t  b\n}\n", "{\n    a,\n    c\n}\n", "{\n    a,\n    c\n}\n"),
        ("f() {\n\t/*\n\t * x\n\t */\n\ta\n}\n", "f() {\n    b\n}\n", "f() {\n\tb\n}\n"),
    ],
    ids=["spaces become tabs", "tabs become spaces", "a mixed document is left alone", "comments"],
)
def test_indentation_is_the_documents(document: str, new: str, expected: str) -> None:
    assert made(document, new) == expected


@pytest.mark.parametrize(
    ("document", "new", "span", "expected"),
    [
        ("a\rb\n", "a\n\nb\n", None, "a\n\nb\n"),
        ("a\rb\nc\n", "\nb\n", Span(2, 4), "a\r\rb\nc\n"),
        ("b\nc\n", "\nb\n", Span(0, 2), "\nb\nc\n"),
    ],
)
def test_an_empty_line_does_not_join_the_line_end_before_it(
    document: str, new: str, span: Span | None, expected: str
) -> None:
    assert made(document, new, span) == expected


def test_anchors_are_lines_that_stand_once_and_not_closing_brackets() -> None:
    old = "def a():\n    one()\n\ndef b():\n    two()\n"
    new = "def a():\n    one()\n\ndef c():\n    three()\n\ndef b():\n    two()\n"
    assert changed(old, new) == ["'' -> 'def c():\\n    three()\\n\\n'"]


def test_ten_thousand_lines_with_few_different_ones_are_compared() -> None:
    old = "".join(f"    x{number}()\n}}\n" for number in range(5_000))
    new = old.replace("x2500()", "y()").replace("x4000()\n", "x4000()\n    z()\n")
    found = changed(old, new)
    assert found == ["'    x2500()\\n' -> '    y()\\n'", "'' -> '    z()\\n'"]


def test_insertion_at_the_end_of_a_text_without_final_line_end_keeps_that_habit() -> None:
    text = Text.of("a\r\nb")
    assert str(apply_edits(text, minimal_line_edits(text, Span(4, 4), "\nc"))) == "a\r\nb\r\nc"


@settings(max_examples=200, deadline=None)
@given(document=texts, new=texts, ends=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_an_editor_makes_of_the_edits_what_was_promised(
    document: str, new: str, ends: tuple[float, float]
) -> None:
    text = Text.of(document, block_size=5)
    span = _whole_lines(document, ends)
    found = minimal_line_edits(text, span, new)
    promised = str(apply_edits(text, found))
    for name, encoding in ENCODINGS.items():
        assert applied(document, [_wire(text, each, encoding) for each in found], name) == promised
    tail = len(document) - span.end
    assert promised[: span.start] == document[: span.start]
    assert promised[len(promised) - tail :] == document[len(document) - tail :]
    assert len(promised) >= span.start + tail


@settings(max_examples=150, deadline=None)
@given(document=texts, new=texts)
def test_the_edited_text_reads_as_the_code_line_by_line(document: str, new: str) -> None:
    result = made(document, new)
    wanted = _split(new)
    while wanted and not wanted[-1] and document and not document.endswith(("\r", "\n")):
        wanted.pop()  # an empty line without an end is none
    assert [_bare(line) for line in _split(result)] == [_bare(line) for line in wanted]
    if document and result:
        assert result.endswith(("\r", "\n")) == document.endswith(("\r", "\n"))


@settings(max_examples=150, deadline=None)
@given(document=texts, new=texts)
def test_edits_are_in_order_and_apart_and_none_is_idle(document: str, new: str) -> None:
    found = minimal_line_edits(Text.of(document), Span(0, len(document)), new)
    ends = [end for each in found for end in (each.span.start, each.span.end)]
    assert ends == sorted(ends)
    assert all(document[e.span.start : e.span.end] != e.text for e in found)
    result = made(document, new)
    assert minimal_line_edits(Text.of(result), Span(0, len(result)), result) == ()


def test_lines_are_split_as_lsp_has_it() -> None:
    assert [str(line) for line in lines_of("a\fb\u2028c\r\n\r\n\rd")] == [
        "a\fb\u2028c\r\n",
        "\r\n",
        "\r",
        "d",
    ]


def _whole_lines(document: str, ends: tuple[float, float]) -> Span:
    starts = [start for start, _ in line_bounds(document)] + [len(document)]
    chosen = sorted(starts[int(end * (len(starts) - 1))] for end in ends)
    return Span(*chosen)


def _wire(text: Text, edit: Edit, encoding: PositionEncodingKind) -> WireEdit:
    there = range_of(text, edit.span, encoding)
    start, end = there.start, there.end
    return WireEdit((start.line, start.character), (end.line, end.character), edit.text)


def _split(string: str) -> list[str]:
    """The lines, without the empty one after a last line end."""
    lines = re.split(r"\r\n|\n|\r", string)
    return lines[:-1] if not lines[-1] else lines


def _bare(line: str) -> str:
    """Without indentation, whose style may change, and blanks at the end, which may stay."""
    return line.strip()
