"""What places on the command line mean in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.cli.cursor_argument import InvalidPosition
from devstral_lsp.cli.range_argument import RangeArgument
from devstral_lsp.text import Span, Text

TEXT = Text.of("one\n  two\nthree")


@pytest.mark.parametrize(
    ("lines", "span"),
    [
        ("", Span(0, 15)),
        (":1", Span(0, 0)),
        (":2", Span(6, 6)),
        (":1-2", Span(0, 9)),
        (":2-3", Span(4, 15)),
        (":3-3", Span(10, 15)),
    ],
)
def test_a_place_is_a_file_a_line_or_lines(lines: str, span: Span) -> None:
    assert RangeArgument.of(f"a.py{lines}").span(TEXT) == span


@pytest.mark.parametrize("lines", [":0", ":0-2", ":3-2"])
def test_lines_that_there_cannot_be(lines: str) -> None:
    with pytest.raises(InvalidPosition, match="names no lines"):
        RangeArgument.of(f"a.py{lines}")


@pytest.mark.parametrize("lines", [":4", ":1-4"])
def test_lines_past_the_end(lines: str) -> None:
    with pytest.raises(InvalidPosition, match="the last line is 3"):
        RangeArgument.of(f"a.py{lines}").span(TEXT)


def test_a_file_may_be_called_like_a_place(tmp_path: Path) -> None:
    odd = tmp_path / "a.py:3"
    odd.touch()
    assert RangeArgument.of(str(odd)).path == odd
