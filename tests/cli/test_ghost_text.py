"""Ghost text drawn in its place."""

from __future__ import annotations

import pytest

from devstral_lsp.cli.ghost_text import LINES_AROUND, Row, coloured, plain, rows_of
from devstral_lsp.completion.types import CURSOR, Completion
from devstral_lsp.text import Span, Text


def _rows(marked: str, text: str, covers: int = 0) -> list[Row]:
    before, after = marked.split(CURSOR)
    span = Span(len(before), len(before) + covers)
    completion = Completion(text=text, span=span, provider="local")
    return rows_of(Text.of(before + after), len(before), completion)


@pytest.mark.parametrize(
    ("marked", "text", "covers", "drawn"),
    [
        ("x = │\ny", "1 + 2", 0, "> 1  x = ⟦1 + 2⟧\n  2  y"),
        ("f(│)", "a, b)", 1, "> 1  f(⟦a, b⟧)"),
        ("f(│])", "a)", 2, "> 1  f(⟦a)⟧"),
        ("f(│) + 1\n", "a)", 1, "> 1  f(⟦a⟧) + 1\n  2"),
        ("if a:│\nb", "\n  c\n\n  d", 0, "> 1  if a:⟦⟧\n> +  ⟦  c⟧\n> +  ⟦⟧\n> +  ⟦  d⟧\n  2  b"),
        ("a│;\r\nb", "b\r\nc", 0, "> 1  a⟦b⟧\n> +  ⟦c⟧;\n  2  b"),
        ("│", "a", 0, "> 1  ⟦a⟧"),
        ("\tx│", "\ty", 0, "> 1  \tx⟦\ty⟧"),
    ],
)  # fmt: skip
def test_it_stands_at_the_cursor(marked: str, text: str, covers: int, drawn: str) -> None:
    assert plain(_rows(marked, text, covers)) == drawn


def test_a_few_lines_are_shown_around_it_and_numbers_line_up() -> None:
    lines = [f"line {number}" for number in range(1, 31)]
    lines[9] += CURSOR
    drawn = plain(_rows("\n".join(lines), "!")).split("\n")
    assert len(drawn) == 2 * LINES_AROUND + 1
    assert drawn[0] == "   6  line 6"
    assert drawn[LINES_AROUND] == "> 10  line 10⟦!⟧"
    assert drawn[-1] == "  14  line 14"


def test_a_text_chosen_in_the_editors_popup_is_not_ghost() -> None:
    completion = Completion(text="append(x)", span=Span(2, 5), provider="local")
    rows = rows_of(Text.of("l.app"), 5, completion)
    assert plain(rows) == "> 1  l.app⟦end(x)⟧"


def test_without_the_marks_in_the_encoding_there_are_others() -> None:
    assert plain(_rows("a│", "b"), "latin-1") == "> 1  a[[b]]"


@pytest.mark.parametrize("odd", ["\x1b[2J", "\x07", "\x9b31m", "\u202e", "\ud800", "\x0c"])
def test_what_a_terminal_would_obey_is_not_sent_to_it(odd: str) -> None:
    rows = _rows(f"a{odd}│b{odd}\nc{odd}", odd)
    for drawn in (plain(rows), coloured(rows, "a.py").plain):
        assert odd[0] not in drawn


def test_endless_lines_are_cut_but_the_ghost_text_is_not() -> None:
    ghost = "g" * 1000
    drawn = plain(_rows(f"{'a' * 5000}│{'b' * 5000}\n{'c' * 5000}", ghost))
    assert ghost in drawn
    assert len(drawn) < 2000
    assert "…a" in drawn
    assert "b…" in drawn
    assert "c…" in drawn


@pytest.mark.parametrize("path", ["a.py", "a.rs", "a.unknown"])
@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("\n\ndef f(a):\n    return │\n\n\n", "a"),
        ("│", "x = 1\ny = 2"),
        ("if a:│\n\n", "\n\n    b"),
        ("s = '│", "it'\n"),
        ("a\t=\t│ # c", "1"),
    ],
)
def test_colour_changes_no_character(path: str, marked: str, text: str) -> None:
    rows = _rows(marked, text)
    drawn = coloured(rows, path).plain.split("\n")
    for row, line in zip(rows, drawn, strict=True):
        shown = row.ghost or (" " if row.ghost == "" and row.number else "")
        assert line[2:].split("  ", 1)[1] == f"{row.before}{shown}{row.after}"


def test_ghost_text_is_unlike_code_and_begins_with_the_cursor() -> None:
    drawn = coloured(_rows("x = │ + 1", "two"), "a.py")
    styles = {
        drawn.plain[span.start : span.end]: str(span.style)
        for span in drawn.spans
        if "italic" in str(span.style) or "reverse" in str(span.style)
    }
    assert set(styles) == {"two", "t"}
    assert styles["t"] == "reverse"


@pytest.mark.parametrize(
    ("ground", "is_other"), [("0;15", True), ("0;7", True), ("15;0", False), ("", False)]
)
def test_on_a_light_ground_code_has_other_colours(
    ground: str, is_other: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _rows("def f(): return │", "1")
    monkeypatch.delenv("COLORFGBG", raising=False)
    usual = coloured(rows, "a.py").spans
    monkeypatch.setenv("COLORFGBG", ground)
    assert (coloured(rows, "a.py").spans != usual) == is_other
