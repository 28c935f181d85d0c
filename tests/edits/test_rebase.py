from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devstral_lsp.edits.line_edits import apply_edits, minimal_line_edits
from devstral_lsp.edits.rebase import rebase_edits
from devstral_lsp.text import Edit, Span, Text

OLD = "a\nb\nc\nd\ne\nf\ng\n"


def moved(old: str, code: str, new: str) -> str | None:
    """The new text with the edits that make `code` of `old`; None where they cannot be moved."""
    found = minimal_line_edits(Text.of(old), Span(0, len(old)), code)
    there = rebase_edits(found, Text.of(old), Text.of(new))
    return None if there is None else str(apply_edits(Text.of(new), there))


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        pytest.param(OLD, "a\nb\nc\nX\ne\nf\ng\n", id="nothing moved"),
        pytest.param("0\n" + OLD, "0\na\nb\nc\nX\ne\nf\ng\n", id="a line above"),
        pytest.param("c\nd\ne\nf\ng\n", "c\nX\ne\nf\ng\n", id="lines above gone"),
        pytest.param(OLD + "h\n", "a\nb\nc\nX\ne\nf\ng\nh\n", id="a line below"),
        pytest.param("A\nb\nc\nd\ne\nf\nG\n", "A\nb\nc\nX\ne\nf\nG\n", id="both"),
        pytest.param("a\nb\nc\nD\ne\nf\ng\n", None, id="the line itself"),
        pytest.param("a\nb\nC\nd\ne\nf\ng\n", None, id="the line above it"),
        pytest.param("a\nb\nc\nd\nE\nf\ng\n", None, id="the line below it"),
        pytest.param("a\nb\nc\nnew\nd\ne\nf\ng\n", None, id="a line between"),
        pytest.param("a\nb\nc\nd\n", None, id="what follows is gone"),
        pytest.param("", None, id="all is gone"),
        pytest.param(OLD.replace("\n", "\r\n"), None, id="other line ends"),
    ],
)
def test_edits_move_along_where_the_lines_around_them_stand_still(
    new: str, expected: str | None
) -> None:
    assert moved(OLD, "a\nb\nc\nX\ne\nf\ng\n", new) == expected


def test_every_edit_moves_or_none() -> None:
    code = "a\nX\nc\nd\ne\nY\ng\n"
    assert moved(OLD, code, "a\nb\nc\nd\nnew\ne\nf\ng\n") == "a\nX\nc\nd\nnew\ne\nY\ng\n"
    assert moved(OLD, code, "a\nb\nc\nd\ne\nf\n") is None


def test_an_insertion_keeps_its_neighbours() -> None:
    code = "a\nb\nc\nnew\nd\ne\nf\ng\n"
    assert moved(OLD, code, "0\n" + OLD) == "0\n" + code
    assert moved(OLD, code, "a\nb\nc\n0\nd\ne\nf\ng\n") is None


@pytest.mark.parametrize("new", ["a\nX\n0\n", "0\na\nX\n"])
def test_the_ends_of_the_text_are_neighbours_too(new: str) -> None:
    old = "a\nX\n"
    edit = Edit(Span(0, 2) if new.startswith("0") else Span(2, 4), "Y\n")
    assert rebase_edits([edit], Text.of(old), Text.of(new)) is None


def test_one_of_two_equal_lines_is_not_taken_for_the_other() -> None:
    assert moved("a\na\n", "X\na\n", "a\n") is None


_lines = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "}\n", "\n"]), max_size=12).map("".join)


@settings(max_examples=150, deadline=None)
@given(old=_lines, code=_lines, above=_lines, below=_lines)
def test_text_around_the_whole_moves_edits_in_its_middle(
    old: str, code: str, above: str, below: str
) -> None:
    framed = f"first\nstart\n{old}end\nlast\n"
    wanted = f"first\nstart\n{code}end\nlast\n"
    found = minimal_line_edits(Text.of(framed), Span(0, len(framed)), wanted)
    new = f"{above}{framed}{below}"
    there = rebase_edits(found, Text.of(framed), Text.of(new))
    assert there is not None
    assert str(apply_edits(Text.of(new), there)) == f"{above}{wanted}{below}"
