"""A proposal moves along with typing, and ends when its lines change."""

from __future__ import annotations

import pytest

from devstral_lsp.next_edit.changes import DocumentEdit
from devstral_lsp.next_edit.display import Display
from devstral_lsp.next_edit.proposal import Proposal
from devstral_lsp.text import Edit, Snapshot, Span, Text
from tests.next_edit.typing import URI, change

TEXT = "one\ntwo\nthree\nfour\n"


def proposal() -> Proposal:
    """Line 2, "three", becomes "drei"."""
    edit = Edit(Span(8, 13), "drei")
    lines = (("three",), ("drei",))
    return Proposal(URI, 1, edit, 2, 3, *lines, "rename", ("rename",), 1, 0.9, "7")


def edited(display: Display, start: int, end: int, new: str, uri: str = URI) -> None:
    old = Snapshot(uri, 1, "python", Text.of(TEXT))
    after = Snapshot(uri, 2, "python", old.text.replace(start, end, new))
    display.follow(DocumentEdit.between(old, after))


@pytest.fixture
def display() -> Display:
    display = Display()
    display.offer(proposal(), ())
    display.shown("7")
    return display


@pytest.mark.parametrize(
    ("start", "end", "new", "line"),
    [(0, 0, "zero\n", 3), (0, 4, "", 1), (14, 18, "4", 2), (19, 19, "five\n", 2)],
)
def test_it_moves_along(display: Display, start: int, end: int, new: str, line: int) -> None:
    edited(display, start, end, new)
    assert display.current is not None
    assert (display.current.first, display.current.end) == (line, line + 1)
    shift = len(new) - (end - start) if start < 8 else 0
    assert display.current.edit.span == Span(8 + shift, 13 + shift)


@pytest.mark.parametrize(("start", "end", "new"), [(8, 13, "drei"), (10, 10, "x"), (4, 19, "")])
def test_it_ends_when_its_lines_change(display: Display, start: int, end: int, new: str) -> None:
    edited(display, start, end, new)
    assert display.current is None


def test_other_documents_do_not_matter(display: Display) -> None:
    edited(display, 8, 13, "drei", "file:///work/other.py")
    assert display.current is not None


def test_another_change_means_that_it_was_missed(display: Display) -> None:
    assert display.take_missed(()) is None
    missed = display.take_missed((change("a", "b"),))
    assert missed is not None
    assert missed.id == "7"
    assert display.current is None


def test_what_was_never_shown_is_not_missed() -> None:
    display = Display()
    display.offer(proposal(), ())
    assert display.take_missed((change("a", "b"),)) is None


def test_what_was_taken_is_not_missed(display: Display) -> None:
    display.accepted("7")
    assert display.take_missed((change("a", "b"),)) is None


def test_a_closed_document_has_none(display: Display) -> None:
    display.forget(URI)
    assert display.current is None
